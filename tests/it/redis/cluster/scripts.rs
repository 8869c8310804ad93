//! Redis Cluster and Sentinel, and the number of commands that the desk sends.

use std::time::Duration;

use domain::{LinkKey, MessageId, Partition, PartitionSet, Subject, Topic, TopicId};
use ports::{Commit, Committed, Ledger, Outbox, Store};
use secrecy::SecretString;
use support_bot::adapters::redis::{Options, RedisStore};

use crate::{
    contract::sample::{
        commit, conversation, link, moved, receive, send, storing, undecided, update, waiting,
    },
    harness::{Desk, program::unlimited},
    redis::harness::{Server, until_answer_contains},
};

const CLUSTER: [&str; 4] = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"];

/// A cluster of one node, and a store on it.
async fn alone() -> (Server, RedisStore) {
    let server = Server::start_with(&CLUSTER);
    server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    until_answer_contains(&server, &["CLUSTER", "INFO"], "cluster_state:ok").await;
    let url = SecretString::from(format!("redis-cluster://127.0.0.1:{}", server.port()));
    let options = Options { url, ..server.options() };
    let store = RedisStore::open(&options).await.unwrap();
    (server, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_client_has_given_up_on_is_replaced() {
    let (mut server, store) = alone().await;
    receive(&store, &[update(1, 1)]).await;
    server.kill();
    // A client that finds no cluster here never reconnects: its own task ends.
    server.restart_with(&[]);
    assert!(store.probe().await.is_err());
    server.kill();
    server.restart_with(&CLUSTER);
    until_answer_contains(&server, &["CLUSTER", "INFO"], "cluster_state:ok").await;
    let begun = std::time::Instant::now();
    while let Err(error) = store.probe().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "{error}");
    }
    receive(&store, &[update(2, 2)]).await;
    assert_eq!(undecided(&store).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_script_leaves_its_slot_in_a_cluster() {
    let (_server, store) = alone().await;
    let items = receive(&store, &[update(1, 1), update(2, 2), update(3, 17)]).await;
    assert_eq!(undecided(&store).await, items);
    let mut next = conversation(1);
    next.topic.current = Topic::Open(TopicId(7));
    let group = Some(moved(-2));
    let all = Commit {
        decided: Some(items[0].seq),
        queued: vec![send(1, 1), send(2, 1)],
        links: vec![link(1, 5, 100)],
        group,
        ..storing(next, 0)
    };
    let (queued, _) = commit(&store, all).await;
    assert_eq!(queued, [waiting(&store, 1).await, waiting(&store, 2).await].concat());
    assert!(store.load(Subject::Topic(TopicId(7))).await.unwrap().is_some());
    assert!(store.link(LinkKey::Staff(MessageId(100))).await.unwrap().is_some());
    assert_eq!(store.backlog(PartitionSet::ALL).await.unwrap().len(), 2);
    // A commit whose update lies in another partition than its conversation moves the update from slot to slot.
    let elsewhere = Commit { decided: Some(items[1].seq), ..storing(conversation(1), 1) };
    assert_eq!(store.commit(vec![elsewhere]).await.unwrap(), [Committed::Elsewhere]);
    let there = undecided(&store).await;
    let mut numbers: Vec<i64> = there.iter().map(|item| item.update.update.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [2, 3]);
    assert!(
        there.iter().all(|item| Partition::of_seq(item.seq).number() == 1),
        "both are in the partition of user 1"
    );
    store.probe().await.unwrap();
    store.figures().await.unwrap();
    store.health().await.unwrap();
    store.close(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relayed_message_takes_three_commands() {
    const MESSAGES: u32 = 10;
    let server = Server::start();
    let desk = Desk::start_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    let ada = desk.user(7, "Ada");
    ada.writes("hello");
    desk.settle().await;
    // Reads are left out, since the test itself reads to see whether the desk is idle. Receiving, hints and commits are
    // the desk's.
    let commands = || {
        let of = |operation: &str| {
            let name = "supportbot_redis_command_duration_seconds_count";
            desk.metric(&format!("{name}{{operation=\"{operation}\"}}"))
        };
        of("receive") + of("commit") + of("hint")
    };
    let before = commands();
    for number in 0..MESSAGES {
        ada.writes(&format!("message {number}"));
        desk.settle().await;
    }
    let each = (commands() - before) / f64::from(MESSAGES);
    assert!(each <= 3.0, "{each} commands per message");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_master_that_sentinel_chooses_is_followed() {
    let mut master = Server::start();
    let port = master.port().to_string();
    let replica = Server::start_with(&["--replicaof", "127.0.0.1", &port]);
    let until = async |server: &Server, commands: &[&str], word: &str| {
        while !server.ask(commands).contains(word) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until(&master, &["INFO", "replication"], "state=online").await;
    let sentinel = Server::sentinel(&master, 1);
    until(&sentinel, &["INFO", "sentinel"], "slaves=1").await;
    let url =
        format!("redis-sentinel://127.0.0.1:{}?sentinelServiceName=mymaster", sentinel.port());
    let options = Options { lease: Duration::from_secs(2), ..Options::at(SecretString::from(url)) };
    let store = RedisStore::open(&options).await.unwrap();
    let items = receive(&store, &[update(1, 1), update(2, 2)]).await;
    // `WAIT` only covers writes of its own connection, so the test compares offsets. The lease is renewed meanwhile, so
    // it asks both servers until they agree.
    let offset = |server: &Server, name: &str| {
        let info = server.ask(&["INFO", "replication"]);
        info.lines().find_map(|line| line.strip_prefix(name).map(str::trim).map(str::to_owned))
    };
    while offset(&master, "master_repl_offset:").is_none()
        || offset(&master, "master_repl_offset:") != offset(&replica, "slave_repl_offset:")
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    master.kill();
    let decide = Commit {
        decided: Some(items[0].seq),
        queued: vec![send(1, 1)],
        ..storing(conversation(1), 0)
    };
    let begun = std::time::Instant::now();
    let done = loop {
        match store.commit(vec![decide.clone()]).await {
            Ok(done) => break done,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert!(matches!(&done[..], [Committed::Done(written)] if written.queued.len() == 1));
    assert_eq!(undecided(&store).await, items[1..], "the new master has every update");
    assert!(replica.ask(&["INFO", "replication"]).contains("role:master"));
    store.close(Duration::from_secs(5)).await.unwrap();
}
