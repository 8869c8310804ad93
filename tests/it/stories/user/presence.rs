//! A user who blocks the bot or is gone: operators see it at once, and see the return.

use telegram_simulator::Person;

use crate::harness::Desk;

const LEFT: &str = "has blocked the bot";
const RETURNED: &str = "is back";

async fn desk_with_topic() -> (Desk, Person, i64) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    (desk, ada, topic)
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_at_once_that_a_user_blocked_the_bot_and_that_they_returned() {
    let (desk, ada, topic) = desk_with_topic().await;
    ada.blocks();
    desk.settle().await;
    desk.notice(topic, LEFT);
    assert!(desk.card(topic).contains("cannot be reached"));

    ada.returns();
    desk.settle().await;
    desk.notice(topic, RETURNED);
    assert!(desk.card(topic).contains("active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_failed_send_reports_that_the_user_is_gone() {
    let (desk, ada, topic) = desk_with_topic().await;
    ada.leaves_telegram();
    let first = desk.operator.writes_in(topic, "are you there?");
    desk.settle().await;
    desk.operator.writes_in(topic, "hello?");
    desk.settle().await;
    desk.notice(topic, LEFT);
    let failures: Vec<_> = desk
        .notices(topic)
        .into_iter()
        .filter(|notice| notice.text.as_deref().is_some_and(|text| text.contains("Not delivered")))
        .collect();
    assert_eq!(failures.len(), 2, "{:?}", desk.notice_texts(topic));
    assert_eq!(failures[0].reply_to, Some(first));
    assert!(desk.card(topic).contains("cannot be reached"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_from_a_gone_user_reports_the_return() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", "Forbidden: user is deactivated", telegram_simulator::Times::N(1));
    desk.operator.writes_in(topic, "are you there?");
    desk.settle().await;
    desk.notice(topic, LEFT);
    ada.writes("yes");
    desk.settle().await;
    desk.notice(topic, RETURNED);
    assert_eq!(desk.relayed_texts(topic), ["hello", "yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_start_again_reports_the_return() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses(
        "copyMessage",
        "Forbidden: bot was blocked by the user",
        telegram_simulator::Times::N(1),
    );
    desk.operator.writes_in(topic, "are you there?");
    desk.settle().await;
    ada.starts();
    desk.settle().await;
    desk.notice(topic, RETURNED);
    assert!(ada.reads().iter().any(|text| text.starts_with("Hello, Ada!")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_writes_again_after_a_block_is_announced_once() {
    let (desk, ada, topic) = desk_with_topic().await;
    ada.blocks();
    desk.settle().await;
    ada.writes("I changed my mind");
    desk.settle().await;
    desk.notice(topic, RETURNED);
    assert_eq!(desk.relayed_texts(topic), ["hello", "I changed my mind"]);
    desk.operator.writes_in(topic, "good");
    desk.settle().await;
    assert_eq!(ada.reads(), ["good"]);
}
