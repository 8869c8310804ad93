//! Messages that the store had confirmed and has lost are counted, and logged once.

use support_bot::telemetry::figure;

use crate::harness::{Program, spec};
use crate::redis::Server;

const LOST: &str = "supportbot_messages_lost_total{reason=\"store\"}";

/// Only one message a minute, so that no further one is sent during the test.
const ONE_A_MINUTE: (&str, &str) = ("PACE_GROUP_PER_MINUTE", "1");

/// Number of errors in the log about lost messages.
fn loss_reports(program: &Program) -> usize {
    let log = program.log();
    log.lines().filter(|line| line.contains("ERROR") && line.contains("messages are lost")).count()
}

/// Number of user messages that are in the group.
fn delivered(program: &Program) -> usize {
    let topics = program.group.topics().into_iter();
    let messages = topics.flat_map(|topic| program.group.messages(topic.id));
    messages.filter(|message| message.text.as_deref() == Some("hello")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_waiting_when_redis_is_emptied_are_counted_as_lost_and_reported_once() {
    let mut server = Server::start_with(&["--appendonly", "no"]);
    let mut program = Program::new(&[("REDIS_URL", &server.url()), ONE_A_MINUTE]).await;
    program.start().await;
    let user = |id: i64| program.telegram.user(spec(1000 + id, "Ada", "en"));
    let users: Vec<_> = (1..=7).map(user).collect();
    for user in &users {
        user.writes("hello");
    }
    // This minute's slot goes into the first topic, so no message has been delivered.
    let handled = "supportbot_updates_handled_total{handler=\"user_message\",outcome=\"ok\"}";
    program.until("all messages wait", async |program| program.metric(handled).await > 6.5).await;
    program.until("a topic is open", async |program| program.group.topics().len() == 1).await;
    assert_eq!((program.metric(LOST).await, delivered(&program)), (0.0, 0));
    server.kill();
    server.restart();
    // An emptied Redis has forgotten the slots taken: one message may be sent before the desk notices the loss.
    let all_counted = async |program: &Program| {
        let lost = program.metric(LOST).await;
        lost > 5.5 && lost + figure(delivered(program) as u64) > 6.5
    };
    program.until("each message is counted", all_counted).await;
    // The desk continues with new messages, and counts nothing twice.
    users[0].writes("still there?");
    program
        .until("the new message is stored", async |program| program.metric(handled).await > 7.5)
        .await;
    let (lost, arrived) = (program.metric(LOST).await, figure(delivered(&program) as u64));
    assert!((lost + arrived - 7.0).abs() < 0.1, "{lost} lost, {arrived} arrived");
    assert_eq!(loss_reports(&program), 1, "{}", program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_of_a_lane_that_are_gone_from_redis_are_counted_as_lost() {
    let server = Server::start();
    let mut program = Program::new(&[("REDIS_URL", &server.url())]).await;
    program.start().await;
    let user = |id: i64| program.telegram.user(spec(1000 + id, "Ada", "en"));
    let users: Vec<_> = (1..=5).map(user).collect();
    for user in &users {
        user.writes("hello");
    }
    program.until("all have a topic", async |program| delivered(program) == 5).await;
    program.terminate().await;
    program.set(ONE_A_MINUTE.0, ONE_A_MINUTE.1);
    program.start().await;
    for user in &users {
        for _ in 0..3 {
            user.writes("hello");
        }
    }
    let handled = "supportbot_updates_handled_total{handler=\"user_message\",outcome=\"ok\"}";
    program.until("all messages wait", async |program| program.metric(handled).await > 14.5).await;
    // A message takes the slot, or a card that was missing at the last stop.
    let gone = || server.ask(&["ZCARD", "support-bot:{0}:slots:group:ended"]).trim() == "1";
    program.until("the slot is used", async |_| gone()).await;
    program.terminate().await;
    // At its start the desk only counts waiting sends, and reads each one before its call; this minute's slot is used
    // up.
    program.start().await;
    let counted = "supportbot_queue_depth{queue=\"outbox\",state=\"ready\"}";
    program
        .until("the outcome is counted", async |program| program.metric(counted).await > 13.5)
        .await;
    let key = |partition, name| format!("support-bot:{{{partition}}}:{name}");
    let sends =
        (0..16).flat_map(|partition| ["out", "outq", "outs"].map(|name| key(partition, name)));
    let delete: Vec<String> = std::iter::once("DEL".to_owned())
        .chain(sends)
        .chain(["ended", "running"].map(|slots| format!("support-bot:{{0}}:slots:group:{slots}")))
        .collect();
    server.ask(&delete.iter().map(String::as_str).collect::<Vec<_>>());
    let all_counted = async |program: &Program| {
        program.metric(LOST).await + figure(delivered(program) as u64) > 19.5
    };
    program.until("each message is counted or delivered", all_counted).await;
    let (lost, arrived) = (program.metric(LOST).await, figure(delivered(&program) as u64));
    assert!(lost > 13.5 && (lost + arrived - 20.0).abs() < 0.1, "{lost} lost, {arrived} arrived");
    assert_eq!(loss_reports(&program), 1, "{}", program.log());
}
