//! The time of a delivery: when it begins, and the desk's own part of it, without what Telegram's limits add.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::ChatId;
use support_bot::{
    adapters::telegram::{Client, Endpoint, TelegramMessenger, TimeLimits, Unobserved},
    engine::PacingLimits,
    network::Network,
};
use telegram_simulator::{Fault, Matcher, Simulator, Times, What};

use crate::harness::{Desk, Engine, Load, UNLIMITED, decoder, program::unlimited};

const TO_OPERATOR: &str = "direction=\"user_to_operator\",outcome=\"delivered\"";
const TO_USER: &str = "direction=\"operator_to_user\",outcome=\"delivered\"";

/// Deliveries within this many seconds, by the desk's own time and by the total time.
fn within(desk: &Desk, labels: &str, seconds: &str) -> [f64; 2] {
    ["delivery_own_duration", "delivery_duration"].map(|name| {
        desk.metric(&format!("supportbot_{name}_seconds_bucket{{{labels},le=\"{seconds}\"}}"))
    })
}

/// The number of deliveries and their summed durations, by the desk's own time and by the total time.
fn all(desk: &Desk, labels: &str) -> (f64, [f64; 2]) {
    let count = desk.metric(&format!("supportbot_delivery_own_duration_seconds_count{{{labels}}}"));
    let sums = ["delivery_own_duration", "delivery_duration"]
        .map(|name| desk.metric(&format!("supportbot_{name}_seconds_sum{{{labels}}}")));
    (count, sums)
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_rate_limit_slot_does_not_count_as_the_desks_own_time() {
    let desk = Desk::start_with(unlimited(), &[("PACE_OVERALL_PER_SECOND", "1")]).await;
    let (ada, ben) = (desk.user(1001, "Ada"), desk.user(1002, "Ben"));
    for word in ["one", "two", "three"] {
        ada.writes(word);
        ben.writes(word);
    }
    let done = || all(&desk, TO_OPERATOR).0 > 5.5;
    desk.until("all are delivered", done).await;
    let (count, [own, whole]) = all(&desk, TO_OPERATOR);
    assert!((count - 6.0).abs() < 0.1 && whole > 12.0, "{count} deliveries took {whole} s");
    // Two topics and six messages need eight slots, one second apart.
    let [fast, in_all] = within(&desk, TO_OPERATOR, "1");
    assert!(
        (fast - 6.0).abs() < 0.1 && in_all < 1.5,
        "{fast} and {in_all} within a second: {own} s"
    );
    assert!(own < 3.0, "own time {own} of {whole} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_that_telegram_asks_for_do_not_count_as_the_desks_own_time() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let throttled = |what| Fault { on: Matcher::method("copyMessage"), what, times: Times::N(1) };
    for (way, labels) in [TO_OPERATOR, TO_USER].into_iter().enumerate() {
        let (before, [own_before, whole_before]) = all(&desk, labels);
        let _fault = desk.telegram.inject(throttled(What::Throttle { retry_after: 2 }));
        if way == 0 {
            ada.writes("again");
        } else {
            desk.operator.writes_in(desk.topic(), "hello Ada");
        }
        desk.until("the message is delivered", || all(&desk, labels).0 > before).await;
        let (_, [own, whole]) = all(&desk, labels);
        assert!(whole - whole_before >= 2.0, "{labels}: {whole_before} to {whole} s");
        assert!(own - own_before < 1.0, "{labels}: {own_before} to {own} s");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_telegram_does_not_answer_count_as_the_desks_own_time() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let (before, [own_before, whole_before]) = all(&desk, TO_OPERATOR);
    let on = Matcher::method("copyMessage");
    let what = What::Status(502, "bad gateway".to_owned());
    let _outage = desk.telegram.inject(Fault { on, what, times: Times::N(4) });
    ada.writes("again");
    desk.until("the message is delivered", || all(&desk, TO_OPERATOR).0 > before).await;
    let (_, [own, whole]) = all(&desk, TO_OPERATOR);
    assert!(own - own_before > 1.5, "{own_before} to {own} s");
    let difference = (whole - whole_before) - (own - own_before);
    assert!(
        difference < Duration::from_millis(100).as_secs_f64(),
        "the limits added {difference} s"
    );
}

/// Messages that were delivered within the 5 seconds of the promise, and all that were delivered.
fn kept(desk: &Desk) -> [i64; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "numbers of messages")]
    [within(desk, TO_OPERATOR, "5")[0], all(desk, TO_OPERATOR).0].map(|count| count.round() as i64)
}

/// Messages that wait in the outbox and are late.
fn late(desk: &Desk) -> f64 {
    desk.metric("supportbot_late_messages")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_the_desk_was_away_is_late_and_a_wrong_clock_makes_nothing_late() {
    let mut desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    desk.close().await;
    for word in ["is", "anybody", "there?"] {
        ada.writes(word);
    }
    // Telegram's clock goes on; that of the desk is 90 minutes behind it from now on.
    desk.telegram.advance(Duration::from_mins(90));
    desk.open().await;
    desk.settle().await;
    assert_eq!(kept(&desk), [1, 4], "in time, and in all");
    let [over, _] = within(&desk, TO_OPERATOR, "900");
    assert!(over < 1.5, "the three took an hour and a half");
    let skew = desk.metric("supportbot_telegram_clock_skew_seconds");
    assert!((-5410.0..=-5390.0).contains(&skew), "{skew}");
    ada.writes("thank you");
    desk.settle().await;
    assert_eq!(kept(&desk), [2, 5], "the last came at once");
    assert!(late(&desk) < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_without_a_desk_is_the_desks_own_though_the_limit_was_full_before() {
    let mut desk = Desk::start_with(unlimited(), &[("PACE_GROUP_PER_MINUTE", "6")]).await;
    for id in 0..8 {
        desk.user(1001 + id, &format!("User {id}")).writes("hello");
    }
    let waiting = || desk.metric("supportbot_lanes_waiting{class=\"opening\"}");
    desk.until("users wait for the limit", || waiting() > 2.5).await;
    assert!(late(&desk) < 0.5, "the limit makes them wait");
    desk.close().await;
    desk.advance_clock(Duration::from_mins(90));
    desk.open().await;
    desk.until("they are late", || late(&desk) > 2.5).await;
}

/// The limit of the group, as Telegram's but with a shorter period.
const SHORT: PacingLimits =
    PacingLimits { group: 4, group_period: Duration::from_secs(1), ..UNLIMITED };

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_a_rush_at_the_limit_makes_nothing_late() {
    let telegram = Simulator::start(unlimited()).await.unwrap();
    let group = telegram.forum("Support");
    let endpoint =
        Endpoint { base: telegram.url().parse().unwrap(), token: telegram.token().into() };
    let client = Client::new(
        &endpoint,
        TimeLimits::default(),
        Arc::new(Unobserved),
        Network::direct().unwrap(),
    )
    .unwrap();
    let start = async |folder| {
        let messenger = TelegramMessenger::new(client.clone());
        let group = ChatId(group.id());
        Engine::start_in(folder, messenger, Arc::new(decoder()), SHORT, group).await
    };
    let engine = start(tempfile::tempdir().unwrap()).await;
    engine.polls(client.clone());
    let mut load = Load::new(&telegram, 10, 1);
    for _ in 0..4 {
        load.round();
    }
    // What is delivered after this has waited for longer than 5 seconds.
    let delivered = |engine: &Engine| engine.total("supportbot_delivery_duration_seconds_count");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(7) {
        assert!(engine.total("supportbot_late_messages") < 0.5, "the limit makes them wait");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = delivered(&engine);
    let engine = start(engine.stop().await).await;
    let mut latest: f64 = 0.0;
    while !load.arrived(&group) {
        latest = latest.max(engine.total("supportbot_late_messages"));
        assert!(begun.elapsed() < Duration::from_mins(2), "{} are missing", load.missing(&group));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    engine.settle().await;
    let within = |name: &str| {
        let all = engine.series(&format!("supportbot_{name}_seconds_bucket"));
        all.iter().filter(|(labels, _)| labels.contains("le=\"5\"")).map(|(_, count)| count).sum()
    };
    let (own, whole): (f64, f64) = (within("delivery_own_duration"), within("delivery_duration"));
    let after = delivered(&engine);
    assert!(before > 5.0 && after > 5.0, "{before} before the restart and {after} after it");
    assert!(whole < after / 2.0, "most have waited for longer than 5 seconds: {whole} of {after}");
    assert!((own - after).abs() < 0.5, "by the desk's own time, {own} of {after} are in time");
    assert!(latest < 0.5, "{latest} messages were late while they waited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_message_to_somebody_who_has_blocked_the_bot_stays_late() {
    let mut desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    desk.close().await;
    desk.operator.writes_in(desk.topic(), "hello Ada");
    desk.telegram.advance(Duration::from_mins(90));
    ada.blocks();
    desk.open().await;
    let dropped = || desk.metric("supportbot_late_messages_dropped_total");
    desk.until("it is counted", || dropped() > 0.5).await;
    desk.settle().await;
    assert!(dropped() < 1.5 && late(&desk) < 0.5);
}
