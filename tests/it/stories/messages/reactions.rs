//! Reactions appear on the same message on the other side.

use serde_json::json;
use telegram_simulator::{Fault, FaultHandle, Matcher, Times, What};

use crate::harness::{BOTH, Talk, Who};

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_its_change_and_its_removal_are_shown_on_the_original() {
    for who in BOTH {
        let talk = Talk::start().await;
        let original = talk.says(who.other(), "shall we?");
        talk.desk.settle().await;
        let copy = talk.last_brought_to(who).id;
        for emoji in [Some("👍"), Some("❤"), None, Some("🔥")] {
            talk.reacts(who, copy, emoji);
            talk.desk.settle().await;
            let shown = talk.seen_by(who.other(), original).reactions;
            assert_eq!(shown, Vec::from_iter(emoji), "{who:?}");
        }
        assert_eq!(talk.told(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_to_ones_own_message_is_shown_on_its_copy() {
    for who in BOTH {
        let talk = Talk::start().await;
        let said = talk.says(who, "I am good");
        talk.desk.settle().await;
        let copy = talk.last_brought_to(who.other()).id;
        for emoji in [Some("😁"), None] {
            talk.reacts(who, said, emoji);
            talk.desk.settle().await;
            assert_eq!(talk.seen_by(who.other(), copy).reactions, Vec::from_iter(emoji), "{who:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_comes_after_the_message_it_is_for() {
    let mut talk = Talk::start().await;
    talk.while_away(|talk| {
        let said = talk.says(Who::User, "I am good");
        talk.reacts(Who::User, said, Some("👏"));
    })
    .await;
    assert_eq!(talk.last_brought_to(Who::Operator).reactions, ["👏"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_a_bot_cannot_give_is_passed_over() {
    let talk = Talk::start().await;
    let asked = talk.brings(Who::Operator, "shall we?").await;
    let user = json!({ "id": talk.user.id(), "is_bot": false, "first_name": "Ada" });
    let reacted = |new: serde_json::Value| {
        talk.desk.telegram.push_update(json!({ "message_reaction": {
            "chat": { "id": talk.user.id(), "type": "private", "first_name": "Ada" },
            "message_id": asked.id, "user": user, "date": 1_700_000_000,
            "old_reaction": [], "new_reaction": new,
        } }))
    };
    // A paid reaction, and an emoji that Telegram accepts only from people.
    reacted(json!([{ "type": "paid" }]));
    reacted(json!([{ "type": "emoji", "emoji": "🧿" }]));
    talk.desk.settle().await;
    assert_eq!(talk.told(), Vec::<String>::new());
    talk.says(Who::User, "yes");
    talk.desk.settle().await;
    assert_eq!(talk.texts_of(Who::Operator), ["hello", "yes"]);
}

/// Makes a method answer once that the bot must wait for this many seconds.
fn asks_to_wait(talk: &Talk, method: &str, seconds: u64) -> FaultHandle {
    let description = format!("Too Many Requests: retry after {seconds}");
    let what = What::Error { code: 429, description };
    talk.desk.telegram.inject(Fault { on: Matcher::method(method), what, times: Times::N(1) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_reaction_holds_up_no_words_and_the_last_of_many_is_shown() {
    let talk = Talk::start().await;
    let original = talk.says(Who::Operator, "shall we?");
    talk.desk.settle().await;
    let copy = talk.last_brought_to(Who::User).id;
    let flood = asks_to_wait(&talk, "setMessageReaction", 3);
    talk.reacts(Who::User, copy, Some("👍"));
    talk.desk.until("Telegram has asked to wait", || flood.count() == 1).await;
    let begun = std::time::Instant::now();
    talk.says(Who::User, "we shall");
    talk.desk
        .until("messages still arrive", || {
            talk.desk.words(talk.topic).contains(&"we shall".to_owned())
        })
        .await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(3), "the reactions waited");
    let before = talk.calls(&["setMessageReaction"]);
    for emoji in [None, Some("👎"), Some("🔥")].into_iter().cycle().take(12) {
        talk.reacts(Who::User, copy, emoji);
    }
    talk.desk.settle().await;
    assert_eq!(talk.seen_by(Who::Operator, original).reactions, ["🔥"]);
    let made = talk.calls(&["setMessageReaction"]) - before;
    assert!(made < 12, "{made} calls for twelve changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_name_holds_up_no_words() {
    let talk = Talk::start().await;
    let flood = asks_to_wait(&talk, "editForumTopic", 3);
    talk.user.renames("Augusta", None);
    talk.says(Who::User, "I have another name");
    talk.desk.until("Telegram has asked to wait", || flood.count() == 1).await;
    let begun = std::time::Instant::now();
    talk.says(Who::User, "and more to say");
    let there = || talk.desk.words(talk.topic).contains(&"and more to say".to_owned());
    talk.desk.until("messages still arrive", there).await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(3), "the reactions waited");
    talk.desk.settle().await;
    assert!(talk.desk.group.topics().iter().any(|topic| topic.name.contains("Augusta")));
}
