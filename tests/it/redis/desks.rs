//! A desk with its store in Redis, from the user's message to the group.

use telegram_simulator::Options;

use crate::harness::{Desk, program::unlimited};
use crate::redis::Server;

async fn desk(options: Options, server: &Server) -> Desk {
    Desk::start_with(options, &[("REDIS_URL", &server.url())]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_continues_after_a_restart_of_the_desk() {
    let server = Server::start();
    let mut desk = desk(unlimited(), &server).await;
    assert!(!desk.folder().join("desk.sqlite3").exists(), "the store is in Redis");
    let ada = desk.user(7, "Ada");
    ada.writes("one");
    desk.settle().await;
    let topic = desk.topic();
    desk.operator.writes_in(topic, "two");
    desk.settle().await;
    assert!(ada.reads().contains(&"two".to_owned()), "{:?}", ada.reads());

    desk.reopen().await;
    ada.writes("three");
    desk.settle().await;
    assert_eq!(desk.topic(), topic, "the topic is the same");
    assert_eq!(desk.relayed_texts(topic), ["one", "three"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_down_for_a_while_loses_and_repeats_nothing() {
    let mut server = Server::start();
    let desk = desk(unlimited(), &server).await;
    let users: Vec<_> = (1..=20).map(|id| desk.user(id, &format!("User {id}"))).collect();
    let write = |text: &str| {
        for user in &users {
            user.writes(text);
        }
    };
    write("before");
    // The sends under way now are retried when Redis is back.
    desk.until("the first message arrives", || !desk.group.topics().is_empty()).await;
    server.kill();
    write("meanwhile");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    server.restart();
    write("after");
    let arrived = || {
        let words = |id: usize| {
            let topics = desk.group.topics();
            let topic = topics.iter().find(|topic| topic.name == format!("User {id}"));
            topic.map(|topic| desk.relayed_texts(topic.id)).unwrap_or_default()
        };
        (1..=20).all(|id| words(id).len() >= 3)
    };
    desk.until("all messages have arrived", arrived).await;
    desk.settle().await;
    for id in 1..=20 {
        let topic = desk.topic_of(&format!("User {id}"));
        assert_eq!(
            desk.relayed_texts(topic),
            ["before", "meanwhile", "after"],
            "messages of user {id}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_works_next_to_a_running_desk() {
    let server = Server::start();
    let mut desk = desk(unlimited(), &server).await;
    let stdout_of = |output: &std::process::Output| {
        let (out, err) = (&output.stdout, &output.stderr);
        format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
    };
    let listed = desk.run(&["dead", "list"]).await;
    assert!(stdout_of(&listed).contains("no dead letters"), "{}", stdout_of(&listed));
    let doctor = desk.run(&["doctor"]).await;
    assert!(stdout_of(&doctor).contains("in use by the running desk"), "{}", stdout_of(&doctor));
    desk.close().await;
    let doctor = desk.run(&["doctor"]).await;
    assert!(
        stdout_of(&doctor).contains("The store in Redis can be written"),
        "{}",
        stdout_of(&doctor)
    );
}
