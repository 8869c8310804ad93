//! A topic that only the bot believes to be gone: operators still see it, write in it, and reach the user.

use serde_json::{Value, json};
use telegram_simulator::{Fault, Matcher, Person, SeenMessage, Times, What};

use crate::harness::{Desk, program::texts};

/// A user whose topic was once "not found": the old topic and the new one.
async fn desk_with_former_topic() -> (Desk, Person, i64, i64) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let old = desk.topic();
    desk.refuses("copyMessage", "Bad Request: message thread not found", Times::N(1));
    ada.writes("anybody?");
    desk.settle().await;
    let new = desk.group.topics().iter().map(|topic| topic.id).find(|id| *id != old).unwrap();
    (desk, ada, old, new)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_the_old_topic_reaches_the_user() {
    let (mut desk, ada, old, new) = desk_with_former_topic().await;
    assert_eq!(desk.relayed_texts(new), ["anybody?"]);
    let group = desk.group.id().unsigned_abs() - 1_000_000_000_000;
    desk.notice(new, &format!("https://t.me/c/{group}/{old}"));
    desk.notice(old, &format!("https://t.me/c/{group}/{new}"));

    let first = desk.relayed(old)[0].id;
    desk.operator.replies_in(old, first, "here I am");
    desk.settle().await;
    desk.reopen().await;
    let written = desk.operator.writes_in(old, "still heer");
    desk.operator.edits(written, "still here");
    desk.settle().await;
    assert_eq!(ada.reads(), ["here I am", "still here"]);
    ada.writes("good");
    desk.settle().await;
    assert_eq!(
        desk.relayed_texts(new),
        ["anybody?", "good"],
        "the user's messages arrive in the new topic"
    );
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_failures_are_answered_in_the_old_topic() {
    let (desk, ada, old, new) = desk_with_former_topic().await;
    let before = desk.notices(new).len();
    desk.operator.writes_in(old, "/information");
    desk.settle().await;
    assert!(desk.notices(old).last().unwrap().text.as_ref().unwrap().contains("1001"));
    ada.blocks();
    desk.operator.writes_in(old, "bye");
    desk.settle().await;
    desk.notice(old, "Not delivered");
    // Closing the former topic has no effect.
    desk.operator.closes(old);
    desk.settle().await;
    assert!(desk.group.topics().iter().any(|topic| topic.id == new && !topic.closed));
    assert!(desk.notices(new).len() <= before + 1, "the only notice is that the user has left");
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_the_old_topic_refuses_appear_in_the_new_one() {
    let (desk, _ada, old, new) = desk_with_former_topic().await;
    let before = (desk.notice_texts(old).len(), desk.notice_texts(new).len());
    let what =
        What::Error { code: 400, description: "Bad Request: message thread not found".to_owned() };
    let on = Matcher::method("sendMessage");
    desk.telegram.inject(Fault { on, what, times: Times::N(1) });
    desk.operator.writes_in(old, "/help");
    desk.settle().await;
    assert_eq!(desk.notice_texts(old).len(), before.0);
    assert!(desk.notices(new).iter().any(|notice| {
        notice.text.as_deref().is_some_and(|text| text.contains("/silent –"))
            && notice.reply_to.is_none()
            && links(notice).contains(&&json!(format!("tg://user?id={}", desk.operator.id())))
    }));
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 2, "no other message was lost");
    assert!(texts(desk.group.general()).is_empty(), "{:?}", desk.group.general());
}

/// The targets of the links in a notice.
fn links(notice: &SeenMessage) -> Vec<&Value> {
    notice.entities.iter().filter_map(|entity| entity.get("url")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_really_deleted_is_replaced_and_linked() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let old = desk.topic();
    desk.operator.deletes_topic(old);
    ada.writes("anybody?");
    desk.settle().await;
    let new = desk.topic();
    assert_eq!(desk.relayed_texts(new), ["anybody?"]);
    desk.notice(new, &format!("/{old}"));
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 2);
    assert!((desk.metric("supportbot_topics_healed_total{reason=\"deleted\"}") - 1.0).abs() < 0.1);
}
