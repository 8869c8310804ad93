//! The metrics of the group's limit: what its slots are used for, and who waits for them.

use crate::harness::{Desk, program::unlimited};

const CLASSES: [&str; 6] = ["urgent", "known", "opening", "stranger", "notice", "cosmetic"];

/// The sum of a metric over these classes.
fn sum(desk: &Desk, name: &str, classes: &[&str]) -> f64 {
    let series = |class: &&str| desk.metric(&format!("supportbot_{name}{{class=\"{class}\"}}"));
    classes.iter().map(series).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slots_of_the_group_are_counted_and_those_who_wait_for_them_are_seen() {
    let desk = Desk::start_with(unlimited(), &[("PACE_GROUP_PER_MINUTE", "6")]).await;
    let users: Vec<_> = (0..8).map(|id| desk.user(1001 + id, &format!("User {id}"))).collect();
    for user in &users {
        user.writes("hello");
        user.writes("are you there?");
    }
    let waiting = |classes: &[&str]| sum(&desk, "lanes_waiting", classes);
    let waits = || sum(&desk, "lanes_longest_wait_seconds", &["opening", "stranger"]);
    desk.until("users wait", || waiting(&["opening", "stranger"]) > 4.0 && waits() > 2.0).await;
    let within = |value: f64, low: f64, high: f64, what: &str| {
        assert!((low..=high).contains(&value), "{what}: {value}");
    };
    within(desk.metric("supportbot_group_budget_limit_slots"), 6.0, 6.0, "limit");
    let slots = sum(&desk, "group_budget_slots", &CLASSES);
    within(slots, 1.0, 6.0, "slots in the last minute");
    let used = sum(&desk, "group_budget_used_total", &CLASSES);
    within(used, slots - 1.0, slots + 1.0, "slots since the start");
    assert!(sum(&desk, "group_budget_used_total", &["opening"]) > 0.5, "a topic was opened");
    within(waiting(&["urgent"]), 0.0, 0.0, "no operator waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_that_limits_cost_is_known_for_each_message_by_class() {
    let desk = Desk::start_with(
        unlimited(),
        &[("PACE_OVERALL_PER_SECOND", "1"), ("PACE_GROUP_PER_MINUTE", "1000")],
    )
    .await;
    let ada = desk.user(1001, "Ada");
    for word in ["one", "two", "three"] {
        ada.writes(word);
    }
    let users = ["known", "opening", "stranger"];
    let count = |classes: &[&str]| sum(&desk, "limit_delay_seconds_count", classes);
    desk.until("all are delivered", || count(&["known", "stranger"]) > 2.5).await;
    let delay = sum(&desk, "limit_delay_seconds_sum", &users);
    let topic = |name: &str| {
        let labels = "direction=\"user_to_operator\",outcome=\"delivered\"";
        desk.metric(&format!("supportbot_{name}_seconds_sum{{{labels}}}"))
    };
    let limited = topic("delivery_duration") - topic("delivery_own_duration");
    // The topic itself waits as well, but is no message.
    let page = ["known", "opening", "stranger"].map(|class| (class, count(&[class])));
    assert!(count(&["opening"]) > 0.5, "a topic was opened: {page:?}");
    assert!(delay > 2.0 && delay >= limited - 0.5, "{delay} s by class, {limited} s of deliveries");
    desk.settle().await;
    desk.operator.writes_in(desk.topic(), "hello Ada");
    desk.until("the answer is delivered", || count(&["to_user"]) > 0.5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_rush_a_new_user_learns_that_an_answer_may_take_a_while() {
    let desk = Desk::start_with(unlimited(), &[("PACE_GROUP_PER_MINUTE", "6")]).await;
    let told = |id: i64| {
        desk.user(id, "Late").sees().iter().any(|seen| {
            seen.text.as_deref().is_some_and(|text| text.contains("Many people are writing"))
        })
    };
    for id in 0..8 {
        desk.user(1001 + id, "Early").writes("hello");
    }
    let waiting = || desk.metric("supportbot_lanes_waiting{class=\"opening\"}");
    desk.until("new users wait", || waiting() > 4.0).await;
    let late = desk.user(2001, "Late");
    late.writes("hello");
    desk.until("the user is told", || told(2001)).await;
    late.writes("is anybody there?");
    desk.user(1001, "Early").writes("hello?");
    desk.until_updates_are_stored().await;
    assert!(!told(1001), "those who came before the rush are not told");
}
