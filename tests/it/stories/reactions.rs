//! Reactions are shown on the same message of the other side.

use serde_json::json;

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
    // One that is paid for, and one that Telegram takes from people alone.
    reacted(json!([{ "type": "paid" }]));
    reacted(json!([{ "type": "emoji", "emoji": "🧿" }]));
    talk.desk.settle().await;
    assert_eq!(talk.told(), Vec::<String>::new());
    talk.says(Who::User, "yes");
    talk.desk.settle().await;
    assert_eq!(talk.texts_of(Who::Operator), ["hello", "yes"]);
}
