//! One method of Telegram fails for minutes, and all others work.

use std::time::{Duration, Instant};

use telegram_simulator::{Content, Fault, Matcher, What};

use crate::harness::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_keeps_failing_delays_the_others_for_a_minute_only() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    let group = desk.group.id();
    // A poll and the messages after it travel in separate calls.
    let copies_fail = Matcher::method("copyMessage").in_chat(group);
    let failing =
        desk.telegram.inject(Fault::always(copies_fail, What::Status(500, "?".to_owned())));
    ada.sends(Content::poll("why?", &["because"]));
    desk.until("the call has failed", || failing.count() > 0).await;
    ada.writes("one");
    ada.writes("two");
    let begun = Instant::now();
    let went_on = || desk.relayed_texts(topic).contains(&"two".to_owned());
    while !went_on() {
        assert!(begun.elapsed() < Duration::from_mins(2), "{:?}", desk.notice_texts(topic));
        desk.operator.writes_in(topic, "one moment, please");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert!(
        begun.elapsed() > Duration::from_secs(30),
        "the send was retried for less than half a minute"
    );
    desk.notice(topic, "is stuck");
    failing.remove();
    let there = || desk.relayed(topic).iter().any(|copy| copy.kind == "poll");
    while !there() {
        assert!(begun.elapsed() < Duration::from_mins(3), "the poll did not arrive");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
