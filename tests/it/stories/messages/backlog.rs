//! Many messages at once: in order, in few calls, and without conversations waiting for each other.

use std::time::Duration;

use serde_json::json;
use telegram_simulator::{
    Content, Fault, Limits, Matcher, Options, SeenMessage, Times, What, Window,
};

use crate::harness::{BOTH, Desk, Dialogue, Who};

fn texts(messages: &[SeenMessage]) -> Vec<&str> {
    messages.iter().filter_map(|message| message.text.as_deref()).collect()
}

fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("message {number}")).collect()
}

/// The methods that copy messages.
const COPIES: [&str; 3] = ["copyMessage", "copyMessages", "sendMediaGroup"];

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_one_conversation_is_sent_in_one_call() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        let before = dialogue.calls(&COPIES);
        dialogue
            .while_stopped(|dialogue| {
                for text in numbered(60) {
                    dialogue.says(who, text.as_str());
                }
            })
            .await;
        assert_eq!(dialogue.texts_for(who.other())[1..], numbered(60), "{who:?}");
        assert_eq!(dialogue.calls(&["copyMessages"]), 1, "{who:?}");
        assert_eq!(dialogue.calls(&COPIES) - before, 1, "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_backlog_of_a_new_user_opens_one_topic_and_is_sent_in_one_call() {
    let mut desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    desk.close().await;
    for text in numbered(10) {
        ada.writes(&text);
    }
    desk.open().await;
    desk.settle().await;
    assert_eq!(texts(&desk.relayed(desk.topic())), numbered(10));
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 1);
    assert_eq!(desk.telegram.calls().count("copyMessages"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_copied_in_one_call_can_be_replied_to_and_edited() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        let mut sent = Vec::new();
        dialogue
            .while_stopped(|dialogue| {
                sent = numbered(5).iter().map(|text| dialogue.says(who, text.as_str())).collect();
            })
            .await;
        let copies_seen = dialogue.copies_for(who.other());
        let third = &copies_seen[copies_seen.len() - 3];
        assert_eq!(third.text.as_deref(), Some("message 3"));
        dialogue.answers(who.other(), third.id, "I mean this one");
        dialogue.edits(who, sent[2], "message three");
        dialogue.desk.settle().await;
        assert_eq!(dialogue.last_copy_for(who).reply_to, Some(sent[2]), "{who:?}");
        let edited = dialogue.seen_by(who.other(), third.id);
        assert_eq!(edited.text.as_deref(), Some("message three"), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_albums_and_forwards_split_a_backlog_and_keep_its_order() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        let before = dialogue.copies_for(who.other()).len();
        dialogue
            .while_stopped(|dialogue| {
                let first = dialogue.says(who, "1");
                dialogue.says(who, Content::photo("a").caption("2"));
                dialogue.answers(who, first, "3");
                dialogue.says(who, "4");
                dialogue.says(who, Content::document("b").caption("5"));
                dialogue.sends_album(
                    who,
                    vec![Content::photo("c").caption("6"), Content::photo("d").caption("7")],
                );
                dialogue.says(who, "8");
                dialogue.says(who, "9");
                dialogue.says(who, Content::text("10").forwarded_from("A Newspaper"));
                dialogue.says(who, "11");
            })
            .await;
        let copies_seen = dialogue.copies_for(who.other());
        let wanted: Vec<_> = (1..=11).map(|number| number.to_string()).collect();
        assert_eq!(texts(&copies_seen[before..]), wanted, "{who:?}");
        assert_eq!(dialogue.calls(&["copyMessages"]), 4, "1 2, 4 5, 6 7, 8 9: {who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_message_is_reported_and_nothing_else_is_lost() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        dialogue
            .while_stopped(|dialogue| {
                let ids: Vec<_> =
                    numbered(5).iter().map(|text| dialogue.says(who, text.as_str())).collect();
                dialogue.deletes(who, ids[1]);
                dialogue.deletes(who, ids[3]);
            })
            .await;
        let arrived = dialogue.texts_for(who.other());
        assert_eq!(arrived[1..], ["message 1", "message 3", "message 5"], "{who:?}");
        let notices = dialogue.notice_texts();
        assert!(
            notices.len() == 1 && notices[0].contains("2 messages were not passed on"),
            "{notices:?}"
        );
        dialogue.says(who, "still here");
        dialogue.desk.settle().await;
        assert_eq!(dialogue.last_copy_for(who.other()).text.as_deref(), Some("still here"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completely_deleted_backlog_is_reported() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        dialogue
            .while_stopped(|dialogue| {
                let ids: Vec<_> =
                    numbered(3).iter().map(|text| dialogue.says(who, text.as_str())).collect();
                for id in ids {
                    dialogue.deletes(who, id);
                }
                dialogue.says(
                    who,
                    Content::text("never mind").forwarded_from_channel(-1_002_000_000_001, "News"),
                );
            })
            .await;
        assert_eq!(dialogue.texts_for(who.other())[1..], ["never mind"], "{who:?}");
        let notices = dialogue.notice_texts();
        assert_eq!(notices.len(), 3, "{notices:?}");
        assert!(notices[0].contains("deleted before it could be copied"), "{notices:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_messages_arrive_in_order() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        for text in numbered(50) {
            dialogue.says(who, text.as_str());
            tokio::task::yield_now().await;
        }
        dialogue.desk.settle().await;
        assert_eq!(dialogue.texts_for(who.other())[1..], numbered(50), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_write_at_once_and_each_keeps_its_order() {
    let dialogue = Dialogue::start().await;
    for text in numbered(30) {
        dialogue.says(Who::User, text.as_str());
        dialogue.says(Who::Operator, text.as_str());
        tokio::task::yield_now().await;
    }
    dialogue.desk.settle().await;
    for who in BOTH {
        assert_eq!(dialogue.texts_for(who)[1..], numbered(30), "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_do_not_wait_for_each_other() {
    let desk = Desk::start().await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    ada.writes("hello");
    bob.writes("hello");
    desk.settle().await;
    let (of_ada, of_bob) = (desk.topic_of("Ada"), desk.topic_of("Bob"));
    // Calls to Ada take a long time to return.
    let slow = desk.telegram.inject(Fault {
        on: Matcher::any().in_chat(ada.id()),
        what: What::Status(502, "<html>".to_owned()),
        times: Times::Always,
    });
    desk.operator.writes_in(of_ada, "hi Ada");
    desk.until("the call for Ada fails", || slow.count() > 0).await;
    desk.operator.writes_in(of_bob, "hi Bob");
    desk.until("Bob receives his answer", || bob.reads() == ["hi Bob"]).await;
    bob.writes("thanks");
    desk.until("Bob's message arrives", || texts(&desk.relayed(of_bob)) == ["hello", "thanks"])
        .await;
    assert_eq!(ada.reads(), Vec::<String>::new());

    slow.remove();
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_by_one_user_does_not_delay_another() {
    // Twenty messages a second to the group: Telegram's minute takes three seconds.
    let limits = Limits {
        private: None,
        group: Some(Window { count: 1200, per: Duration::from_mins(1) }),
        overall: Some(Window { count: 20, per: Duration::from_secs(1) }),
    };
    let pace = [
        ("PACE_PRIVATE_PER_SECOND", "0"),
        ("PACE_GROUP_PER_MINUTE", "1200"),
        ("PACE_OVERALL_PER_SECOND", "20"),
    ];
    let desk = Desk::start_with(Options { limits, ..Options::default() }, &pace).await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    ada.writes("hello");
    bob.writes("hello");
    desk.settle().await;
    let (of_ada, of_bob) = (desk.topic_of("Ada"), desk.topic_of("Bob"));

    for text in numbered(120) {
        // Replies travel one by one, which makes the flood as long as possible.
        let hello = ada.chat()[0].id;
        ada.replies_to(hello, text.as_str());
    }
    desk.until("the flood has begun", || desk.relayed(of_ada).len() > 10).await;
    bob.writes("a short question");
    desk.until("Bob's message arrives", || desk.relayed(of_bob).len() == 2).await;
    let flooded = desk.relayed(of_ada).len();
    assert!(flooded < 70, "Bob had to wait for {flooded} messages of Ada's");

    desk.settle().await;
    assert_eq!(texts(&desk.relayed(of_ada))[1..], numbered(120));
    assert_eq!(desk.telegram.throttled().by_limits, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_right_after_texts_obeys_the_limits() {
    let desk = Desk::start_with(Options::default(), &[]).await;
    let dialogue = Dialogue::at(desk).await;
    let pieces = (1..=10).map(|number| Content::photo(&format!("p{number}"))).collect();
    for text in ["one moment", "I am looking"] {
        dialogue.says(Who::Operator, text);
    }
    dialogue.sends_album(Who::Operator, pieces);
    dialogue.says(Who::Operator, "these");
    dialogue.desk.settle().await;
    assert_eq!(dialogue.copies_for(Who::User).len(), 14);
    assert_eq!(dialogue.desk.telegram.throttled().by_limits, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_response_is_lost_is_repeated_completely_and_in_order() {
    let mut dialogue = Dialogue::start().await;
    dialogue.desk.telegram.inject(Fault {
        on: Matcher::method("copyMessages"),
        what: What::CutBefore,
        times: Times::N(1),
    });
    dialogue
        .while_stopped(|dialogue| {
            for text in numbered(5) {
                dialogue.says(Who::User, text.as_str());
            }
            dialogue.says(Who::User, Content::raw(json!({ "text": "the end" })));
        })
        .await;
    let mut wanted = numbered(5);
    wanted.push("the end".to_owned());
    assert_eq!(dialogue.texts_for(Who::Operator)[1..], wanted);
}
