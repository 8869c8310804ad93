//! A heartbeat passes through the whole desk, with or without traffic, and only if every part works.

use std::collections::BTreeSet;

use ports::{Clock as _, SystemClock};
use rusqlite::Connection;
use support_bot::telemetry::timestamp;
use telegram_simulator::{Fault, Matcher, Times, What};

use crate::harness::Desk;

const LAST: &str = "supportbot_heartbeat_last_success_timestamp_seconds";

/// Metrics of what users and operators do.
const TRAFFIC: [&str; 4] = [
    "supportbot_updates_received_total",
    "supportbot_queue_enqueued_total",
    "supportbot_deliveries_total",
    "supportbot_group_budget_used_total",
];

/// A desk after its first heartbeat, and the time of that.
async fn desk_after_a_heartbeat() -> (Desk, f64) {
    let desk = Desk::start().await;
    desk.until("a heartbeat passes", || desk.metric(LAST) > 0.0).await;
    let last = desk.metric(LAST);
    (desk, last)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_succeeds_without_traffic_and_is_not_counted_as_traffic() {
    let (desk, first) = desk_after_a_heartbeat().await;
    let now = timestamp(SystemClock.now().0);
    assert!((now - first).abs() < 30.0, "heartbeat at {first}, but now it is {now}");
    assert!(desk.metric("supportbot_heartbeat_duration_seconds") < 5.0);
    let traffic = || -> BTreeSet<String> {
        let page = desk.telemetry.render();
        let of = |line: &&str| TRAFFIC.iter().any(|name| line.starts_with(name));
        page.lines().filter(of).map(str::to_owned).collect()
    };
    let before = traffic();
    desk.until("the next heartbeat passes", || desk.metric(LAST) > first).await;
    assert!(desk.metric(LAST) - first < 20.0);
    assert_eq!(traffic(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_fails_without_an_answer_of_telegram_and_the_next_may_succeed() {
    let (desk, last) = desk_after_a_heartbeat().await;
    let what = What::Status(502, "bad gateway".to_owned());
    let on = Matcher::method("getMe");
    let fault = desk.telegram.inject(Fault { on, what, times: Times::N(1) });
    desk.until("the next heartbeat begins", || fault.count() > 0).await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert!((desk.metric(LAST) - last).abs() < 0.001, "traffic is not a heartbeat");
    desk.until("the heartbeat after it passes", || desk.metric(LAST) > last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_fails_and_the_desk_is_unready_if_the_store_cannot_be_written() {
    let mut desk = Desk::closed().await;
    desk.set("REDIS_URL", "");
    desk.open().await;
    desk.until("a heartbeat passes", || desk.metric(LAST) > 0.0).await;
    let last = desk.metric(LAST);
    let foreign = Connection::open(desk.folder().join("desk.sqlite3")).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unready = || desk.metric("supportbot_ready{probe=\"store\"}") < 0.5;
    desk.until("the next heartbeat begins", unready).await;
    assert!((desk.metric(LAST) - last).abs() < 0.001);
    foreign.execute_batch("ROLLBACK").unwrap();
    desk.until("the heartbeat after it passes", || desk.metric(LAST) > last).await;
}
