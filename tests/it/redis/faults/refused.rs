//! A Redis that accepts the probe's writes but refuses the desk's own writes, or refuses the desk altogether.

use std::time::{Duration, Instant};

use crate::harness::{Desk, OWNER, Program, program::unlimited};
use crate::redis::Server;

const USERS: i64 = 5;
const DEAD: &str = "supportbot_dead_letters{queue=\"inbox\"}";

/// Makes every outbox unusable, or with `false`, usable again.
fn outboxes(server: &Server, broken: bool) {
    for partition in 0..16 {
        let key = format!("support-bot:{{{partition}}}:out");
        server.ask(&["DEL", &key]);
        if broken {
            server.ask(&["RPUSH", &key, "theirs"]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_whose_commits_fail_is_unready_and_loses_nothing() {
    let server = Server::start();
    let mut desk = Desk::start_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    let users: Vec<_> = (1..=USERS).map(|id| desk.user(id, &format!("User {id}"))).collect();
    desk.until_ready().await;
    outboxes(&server, true);
    for user in &users {
        user.writes("hello");
    }
    desk.until("all updates are dead letters", || (desk.metric(DEAD) - 5.0).abs() < 0.1).await;
    // Readiness fails with the next heartbeat, and stays so while no user writes.
    let begun = Instant::now();
    while desk.ops("/readyz").await.0 == 200 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the desk is ready but cannot work");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (unready, beats) = (Instant::now(), "supportbot_heartbeat_last_success_timestamp_seconds");
    let before = desk.metric(beats);
    while unready.elapsed() < Duration::from_secs(16) {
        let (status, body) = desk.ops("/readyz").await;
        assert_eq!(status, 503, "{body}");
        assert!(body.contains("writes fail"), "{body}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!((desk.metric(beats) - before).abs() < 0.1, "no heartbeat may pass");
    let owner = desk.user(OWNER, "Owner");
    desk.until("the owner has the notice", || {
        owner.reads().iter().any(|words| words.contains("were given up"))
    })
    .await;

    outboxes(&server, false);
    users[0].writes("again");
    desk.until("the desk works again", || !desk.group.topics().is_empty()).await;
    desk.until_ready().await;
    desk.close().await;
    let replayed = desk.run(&["dead", "replay"]).await;
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    desk.open().await;
    desk.settle().await;
    for id in 1..=USERS {
        let words = desk.relayed_texts(desk.topic_of(&format!("User {id}")));
        assert!(words.contains(&"hello".to_owned()), "{id}: {words:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_password_is_no_silence_of_redis() {
    let server = Server::start();
    let mut program = Program::new(&[("REDIS_URL", &*server.url())]).await;
    program.start().await;
    server.ask(&["CONFIG", "SET", "requirepass", "other"]);
    server.ask(&["-a", "other", "CLIENT", "KILL", "TYPE", "normal"]);
    let denied = async |program: &Program| {
        let (status, body) = program.ready().await;
        status == 503 && body.contains("check REDIS_PASSWORD and REDIS_USERNAME")
    };
    program.until("the probe says why", denied).await;
    let errors = "supportbot_store_errors_total{kind=\"auth\"}";
    let commands = "supportbot_redis_command_errors_total{operation=\"upkeep\",kind=\"auth\"}";
    for series in [errors, commands] {
        program.until(series, async |program| program.metric(series).await > 0.5).await;
    }
    let log = program.log();
    assert!(log.contains("Redis refuses the desk's password or user"), "{log}");
    assert!(!log.contains("Redis does not answer"), "{log}");
    server.ask(&["-a", "other", "CONFIG", "SET", "requirepass", ""]);
    program.until("the desk is ready again", async |program| program.ready().await.0 == 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_that_cannot_be_read_counts_as_damage_of_the_store() {
    let server = Server::start();
    let desk = Desk::start_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    desk.until_ready().await;
    for partition in 0..16 {
        server.ask(&["SET", &format!("support-bot:{{{partition}}}:conv"), "theirs"]);
    }
    desk.user(1, "Ada").writes("hello");
    desk.until("the update is a dead letter", || desk.metric(DEAD) > 0.5).await;
    assert!(desk.metric("supportbot_store_errors_total{kind=\"corrupt\"}") > 0.5);
}
