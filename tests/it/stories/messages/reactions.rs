//! Reactions appear on the same message on the other side.

use serde_json::json;
use telegram_simulator::{Fault, FaultHandle, Matcher, Times, What};

use crate::harness::{BOTH, Dialogue, Who};

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_its_change_and_its_removal_are_shown_on_the_original() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let original = dialogue.says(who.other(), "shall we?");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who).id;
        for emoji in [Some("👍"), Some("❤"), None, Some("🔥")] {
            dialogue.reacts(who, copy, emoji);
            dialogue.desk.settle().await;
            let shown = dialogue.seen_by(who.other(), original).reactions;
            assert_eq!(shown, Vec::from_iter(emoji), "{who:?}");
        }
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_to_ones_own_message_is_shown_on_its_copy() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, "I am good");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other()).id;
        for emoji in [Some("😁"), None] {
            dialogue.reacts(who, sent, emoji);
            dialogue.desk.settle().await;
            assert_eq!(
                dialogue.seen_by(who.other(), copy).reactions,
                Vec::from_iter(emoji),
                "{who:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_arrives_after_its_message() {
    let mut dialogue = Dialogue::start().await;
    dialogue
        .while_stopped(|dialogue| {
            let sent = dialogue.says(Who::User, "I am good");
            dialogue.reacts(Who::User, sent, Some("👏"));
        })
        .await;
    assert_eq!(dialogue.last_copy_for(Who::Operator).reactions, ["👏"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_that_bots_cannot_set_is_ignored() {
    let dialogue = Dialogue::start().await;
    let asked = dialogue.relays(Who::Operator, "shall we?").await;
    let user = json!({ "id": dialogue.user.id(), "is_bot": false, "first_name": "Ada" });
    let reacted = |new: serde_json::Value| {
        dialogue.desk.telegram.push_update(json!({ "message_reaction": {
            "chat": { "id": dialogue.user.id(), "type": "private", "first_name": "Ada" },
            "message_id": asked.id, "user": user, "date": 1_700_000_000,
            "old_reaction": [], "new_reaction": new,
        } }))
    };
    // A paid reaction, and an emoji that Telegram accepts only from people.
    reacted(json!([{ "type": "paid" }]));
    reacted(json!([{ "type": "emoji", "emoji": "🧿" }]));
    dialogue.desk.settle().await;
    assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    dialogue.says(Who::User, "yes");
    dialogue.desk.settle().await;
    assert_eq!(dialogue.texts_for(Who::Operator), ["hello", "yes"]);
}

/// Makes a method answer once that the bot must wait for this many seconds.
fn asks_to_wait(dialogue: &Dialogue, method: &str, seconds: u64) -> FaultHandle {
    let description = format!("Too Many Requests: retry after {seconds}");
    let what = What::Error { code: 429, description };
    dialogue.desk.telegram.inject(Fault { on: Matcher::method(method), what, times: Times::N(1) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_reaction_delays_no_message_and_the_last_one_is_shown() {
    let dialogue = Dialogue::start().await;
    let original = dialogue.says(Who::Operator, "shall we?");
    dialogue.desk.settle().await;
    let copy = dialogue.last_copy_for(Who::User).id;
    let flood = asks_to_wait(&dialogue, "setMessageReaction", 3);
    dialogue.reacts(Who::User, copy, Some("👍"));
    dialogue.desk.until("Telegram has asked to wait", || flood.count() == 1).await;
    let begun = std::time::Instant::now();
    dialogue.says(Who::User, "we shall");
    dialogue
        .desk
        .until("messages still arrive", || {
            dialogue.desk.relayed_texts(dialogue.topic).contains(&"we shall".to_owned())
        })
        .await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(3), "the reactions waited");
    let before = dialogue.calls(&["setMessageReaction"]);
    for emoji in [None, Some("👎"), Some("🔥")].into_iter().cycle().take(12) {
        dialogue.reacts(Who::User, copy, emoji);
    }
    dialogue.desk.settle().await;
    assert_eq!(dialogue.seen_by(Who::Operator, original).reactions, ["🔥"]);
    let made = dialogue.calls(&["setMessageReaction"]) - before;
    assert!(made < 12, "{made} calls for twelve changes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_rename_delays_no_message() {
    let dialogue = Dialogue::start().await;
    let flood = asks_to_wait(&dialogue, "editForumTopic", 3);
    dialogue.user.renames("Augusta", None);
    dialogue.says(Who::User, "I have another name");
    dialogue.desk.until("Telegram has asked to wait", || flood.count() == 1).await;
    let begun = std::time::Instant::now();
    dialogue.says(Who::User, "and more to say");
    let there =
        || dialogue.desk.relayed_texts(dialogue.topic).contains(&"and more to say".to_owned());
    dialogue.desk.until("messages still arrive", there).await;
    assert!(begun.elapsed() < std::time::Duration::from_secs(3), "the reactions waited");
    dialogue.desk.settle().await;
    assert!(dialogue.desk.group.topics().iter().any(|topic| topic.name.contains("Augusta")));
}
