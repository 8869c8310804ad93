//! A Redis that answers, and takes what the probe writes, but not what the desk must write.

use std::time::{Duration, Instant};

use super::server::Server;
use crate::harness::{Desk, program::unlimited};

/// Where sends wait, of each partition.
fn outboxes() -> impl Iterator<Item = String> {
    (0..16).map(|partition| format!("support-bot:{{{partition}}}:out"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_whose_commits_fail_is_unready_for_as_long_and_loses_nothing() {
    let server = Server::start();
    let desk = Desk::start_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    let users: Vec<_> = (1..=5).map(|id| desk.user(id, &format!("User {id}"))).collect();
    for key in outboxes() {
        server.ask(&["DEL", &key]);
        server.ask(&["RPUSH", &key, "theirs"]);
    }
    for user in &users {
        user.writes("hello");
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(50) {
        let (status, body) = desk.ops("/readyz").await;
        eprintln!(
            "{:?} {status} {} pending {}",
            begun.elapsed(),
            body.replace('\n', " "),
            desk.telegram.pending_updates()
        );
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    for key in outboxes() {
        server.ask(&["DEL", &key]);
    }
    let arrived = || {
        eprintln!(
            "{:?}",
            desk.group
                .topics()
                .iter()
                .map(|t| (t.name.clone(), desk.words(t.id)))
                .collect::<Vec<_>>()
        );
        (1..=5).all(|id| {
            desk.group.topics().iter().any(|topic| {
                topic.name == format!("User {id}") && desk.words(topic.id) == ["hello"]
            })
        })
    };
    desk.until("all has arrived", arrived).await;
}
