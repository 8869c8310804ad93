//! Deleted or closed topics, misplaced messages, a group that moved: each is repaired once, and the same message is
//! delivered.

use std::time::Duration;

use telegram_simulator::{Content, Fault, Matcher, Person, Rights, Times, What};

use crate::harness::{Desk, program::texts};

async fn desk_with_topic() -> (Desk, Person, i64) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    (desk, ada, topic)
}

async fn assert_a_deleted_topic_is_replaced(says: Option<What>) {
    let (desk, ada, topic) = desk_with_topic().await;
    if let Some(what) = says {
        desk.telegram.inject(Fault { on: Matcher::any(), what, times: Times::Always });
    }
    desk.operator.deletes_topic(topic);
    for text in ["one", "two", "three"] {
        ada.writes(text);
    }
    desk.settle().await;
    let healed = desk.topic();
    assert_ne!(healed, topic);
    assert_eq!(desk.relayed_texts(healed), ["one", "two", "three"]);
    assert!(desk.card(healed).contains("Ada"));
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 2);
    assert!((desk.metric("supportbot_topics_healed_total{reason=\"deleted\"}") - 1.0).abs() < 0.1);

    desk.operator.writes_in(healed, "still here");
    desk.settle().await;
    assert_eq!(ada.reads(), ["still here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_topic_is_replaced() {
    assert_a_deleted_topic_is_replaced(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_reported_as_deleted_is_replaced() {
    assert_a_deleted_topic_is_replaced(Some(What::SayTopicDeleted)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_message_of_a_deleted_topic_arrives_without_the_reply() {
    let (desk, ada, topic) = desk_with_topic().await;
    let first = ada.writes("the first");
    desk.settle().await;
    desk.operator.deletes_topic(topic);
    ada.quotes(first, "first", "about that");
    desk.settle().await;
    let relayed = desk.relayed(desk.topic());
    assert_eq!(relayed.len(), 1);
    assert_eq!(relayed[0].text.as_deref(), Some("about that"));
    assert_eq!((relayed[0].reply_to, &relayed[0].quote), (None, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_command_does_not_replace_a_deleted_topic() {
    let (desk, _ada, topic) = desk_with_topic().await;
    desk.operator.writes_in(topic, "/close");
    desk.operator.deletes_topic(topic);
    desk.settle().await;
    assert!(
        desk.telegram.calls().count("createForumTopic") <= 2,
        "the repair does not repeat endlessly"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_misplaced_in_general_is_deleted_and_sent_to_a_new_topic() {
    let (desk, ada, topic) = desk_with_topic().await;
    let on = Matcher::method("forwardMessage");
    desk.telegram.inject(Fault { on, what: What::LandInGeneral, times: Times::N(1) });
    ada.sends(Content::text("from afar").forwarded_from("Bob"));
    desk.settle().await;
    let topics = desk.group.topics();
    assert_eq!(topics.len(), 2);
    assert_eq!(desk.relayed_texts(topics[1].id), ["from afar"]);
    assert_eq!(desk.relayed_texts(topic), ["hello"]);
    assert!(desk.group.general().is_empty(), "{:?}", desk.group.general());
    assert!((desk.metric("supportbot_topics_healed_total{reason=\"general\"}") - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_about_to_land_in_general_is_detected_by_the_missing_card() {
    let (mut desk, ada, topic) = desk_with_topic().await;
    desk.reopen().await;
    desk.operator.deletes_topic(topic);
    // The card that is sent again is misplaced like the copy, but its answer says so.
    let on = Matcher::method("sendMessage");
    desk.telegram.inject(Fault { on, what: What::LandInGeneral, times: Times::N(1) });
    let before = desk.telegram.calls().count("copyMessage");
    ada.writes("anybody?");
    desk.settle().await;
    let healed = desk.topic();
    let copies = desk.telegram.calls().count("copyMessage") - before;
    assert_eq!(copies, 1, "nothing was copied into the deleted topic");
    assert_eq!(desk.relayed_texts(healed), ["anybody?"]);
    assert!(texts(desk.group.general()).is_empty(), "{:?}", desk.group.general());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_checked_once_after_a_restart() {
    let (mut desk, ada, topic) = desk_with_topic().await;
    desk.reopen().await;
    let before = desk.telegram.calls().count("setMessageReaction");
    for text in ["one", "two"] {
        ada.writes(text);
        desk.settle().await;
    }
    assert_eq!(desk.relayed_texts(topic), ["hello", "one", "two"]);
    assert_eq!(desk.telegram.calls().count("setMessageReaction") - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_in_general_to_a_relayed_message_reaches_the_user() {
    let (desk, ada, _topic) = desk_with_topic().await;
    let on = Matcher::method("copyMessage");
    desk.telegram.inject(Fault { on, what: What::LandInGeneral, times: Times::N(1) });
    ada.writes("lost?");
    desk.settle().await;
    let stray = desk.group.general().remove(0);
    assert_eq!(stray.text.as_deref(), Some("lost?"));
    desk.operator.replies_in_general(stray.id, "found you");
    desk.operator.writes_in_general("by the way");
    desk.settle().await;
    assert_eq!(ada.reads(), ["found you"]);
}

async fn both_directions_work(desk: &Desk, ada: &Person, topic: i64) {
    ada.writes("after");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic).last().map(String::as_str), Some("after"));
    desk.operator.writes_in(topic, "welcome");
    desk.settle().await;
    assert_eq!(ada.reads().last().map(String::as_str), Some("welcome"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_migration_is_followed() {
    let (mut desk, ada, topic) = desk_with_topic().await;
    desk.group.migrate();
    // Operators may be the first to write in the new group.
    let moved = || desk.metric("supportbot_topics_healed_total{reason=\"migrated\"}") > 0.5;
    desk.until("the move is known", moved).await;
    both_directions_work(&desk, &ada, topic).await;

    desk.reopen().await;
    both_directions_work(&desk, &ada, topic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_migration_while_the_desk_is_closed_is_followed() {
    let (mut desk, ada, topic) = desk_with_topic().await;
    desk.close().await;
    desk.group.migrate();
    ada.writes("anybody?");
    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello", "anybody?"]);
    both_directions_work(&desk, &ada, topic).await;

    desk.reopen().await;
    both_directions_work(&desk, &ada, topic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_during_the_group_migration_arrives() {
    let (desk, ada, topic) = desk_with_topic().await;
    let slow = What::Slow(Duration::from_millis(400));
    desk.telegram.inject(Fault { on: Matcher::any(), what: slow, times: Times::N(40) });
    let replied = ada.writes("one");
    ada.replies_to(replied, "two");
    desk.group.migrate();
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello", "one", "two"]);
    let moves = desk.metric("supportbot_topics_healed_total{reason=\"migrated\"}");
    assert!((moves - 1.0).abs() < 0.1, "the move is counted once: {moves}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_closed_in_the_client_is_reopened_by_the_users_next_message() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.operator.closes(topic);
    desk.settle().await;
    ada.writes("one more thing");
    desk.settle().await;
    assert!(!desk.group.topics()[0].closed);
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello", "one more thing"]);
    assert_eq!(desk.telegram.calls().count("reopenForumTopic"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_closed_unnoticed_is_reopened_and_the_message_delivered_once() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", "Bad Request: TOPIC_CLOSED", Times::N(1));
    ada.writes("one more thing");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello", "one more thing"]);
    assert_eq!(desk.telegram.calls().count("reopenForumTopic"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_disabled_and_enabled_again_stay_in_use() {
    let (desk, ada, topic) = desk_with_topic().await;
    let bob = desk.user(1002, "Bob");
    bob.writes("hello");
    desk.settle().await;
    let bobs = desk.topic_of("Bob");
    let asked = || desk.telegram.calls().count("getChat");
    let before = asked();
    desk.group.set_forum(false);
    for text in ["one", "two"] {
        ada.writes(text);
    }
    bob.sends(Content::text("from afar").forwarded_from("Eve"));
    desk.until("the desk has asked for the group", || asked() > before).await;
    desk.group.set_forum(true);
    desk.settle().await;
    assert_eq!(asked() - before, 1);
    assert_eq!(desk.relayed_texts(topic), ["hello", "one", "two"]);
    assert_eq!(desk.relayed_texts(bobs), ["hello", "from afar"]);
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 2);
    assert!(texts(desk.group.general()).is_empty(), "{:?}", desk.group.general());
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_wait_until_the_right_to_open_topics_returns() {
    let desk = Desk::start().await;
    desk.group.set_bot_rights(Rights::none());
    let ada = desk.user(1001, "Ada");
    let bob = desk.user(1002, "Bob");
    ada.writes("one");
    bob.writes("eins");
    ada.writes("two");
    desk.until("the call was tried", || desk.telegram.calls().count("createForumTopic") > 0).await;
    assert!(desk.group.topics().is_empty());
    desk.group.set_bot_rights(Rights::all());
    desk.settle().await;
    let topics = desk.group.topics();
    let topic = |name: &str| topics.iter().find(|topic| topic.name == name).unwrap().id;
    assert_eq!(desk.relayed_texts(topic("Ada")), ["one", "two"]);
    assert_eq!(desk.relayed_texts(topic("Bob")), ["eins"]);
    assert_eq!(topics.len(), 2);
}
