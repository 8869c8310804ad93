//! The partitions of a process that is certainly dead are taken at once; those of any other process after its lease.

use std::{sync::Arc, time::Duration};

use domain::{PartitionSet, UserId};
use ports::{Board as _, Committed, Ledger as _, Outbox as _, PartitionEvent, Partitions as _};
use support_bot::adapters::redis::{
    ClusterEvent, CommandObserver, CommandOutcome, Operation, Options, RedisStore,
};
use tokio::sync::watch;

use crate::contract::sample::{conversation, queue, send, storing};
use crate::redis::Server;

/// No lease expires within a test.
const LEASE: Duration = Duration::from_mins(10);
/// Time limit for taking partitions at once; the next periodic check comes much later.
const AT_ONCE: Duration = Duration::from_secs(20);

/// Receives the number of partitions of a process after its first check.
#[derive(Debug)]
struct FirstCheck(watch::Sender<Option<usize>>);

impl CommandObserver for FirstCheck {
    fn command_ended(&self, _: Operation, _: CommandOutcome, _: Duration) {}
    fn reconnecting(&self) {}
    fn denied(&self) {}
    fn connected(&self, _: bool) {}
    fn cluster_event(&self, event: ClusterEvent) {
        if let ClusterEvent::Balanced { held, .. } = event {
            self.0.send_replace(Some(held));
        }
    }
}

/// Joins as `token`, with the knowledge that the processes in `dead` are dead.
async fn join(server: &Server, token: &str, dead: &[&str]) -> RedisStore {
    joined(server, token, dead).await.0
}

/// Joins as `join` does; also returns the number of partitions after the first check.
async fn joined(server: &Server, token: &str, dead: &[&str]) -> (RedisStore, usize) {
    let dead = dead.iter().map(|token| (*token).to_owned()).collect();
    let (looked, mut held) = watch::channel(None);
    let (token, observer) = (Some(token.to_owned()), Some(Arc::new(FirstCheck(looked)) as Arc<_>));
    let options = Options { lease: LEASE, token, dead, observer, ..server.options() };
    let store = RedisStore::join(&options).await.unwrap();
    let held = held.wait_for(Option::is_some).await.unwrap().unwrap();
    (store, held)
}

/// Waits until all partitions are assigned to the store; returns whether the end of a process was unclean.
async fn wait_for_all_partitions(store: &RedisStore) -> bool {
    let (mut all, mut unclean_end) = (PartitionSet::NONE, false);
    while all != PartitionSet::ALL {
        let event = tokio::time::timeout(AT_ONCE, store.next_event())
            .await
            .expect("partitions are assigned in time");
        let PartitionEvent::Assigned { partitions, unclean, .. } = event else { continue };
        all = partitions.iter().fold(all, PartitionSet::with);
        unclean_end |= unclean;
    }
    store.serve(PartitionSet::ALL);
    unclean_end
}

/// The holder's token of each lease.
fn holders(server: &Server) -> Vec<String> {
    let lease = |partition| server.ask(&["GET", &format!("support-bot:{{{partition}}}:lease")]);
    (0..16).map(|partition| lease(partition).trim().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_leases_of_a_dead_process_are_taken_at_once_and_all_others_are_waited_for() {
    let server = Server::start();
    let killed = join(&server, "killed", &[]).await;
    assert!(!wait_for_all_partitions(&killed).await);
    queue(&killed, vec![send(1, 1)]).await;
    drop(killed);

    let (other, held) = joined(&server, "other", &["somebody"]).await;
    assert_eq!(held, 0, "the other process does not know that the holder is dead");
    assert_eq!(holders(&server), vec!["killed"; 16]);
    drop(other);

    let heir = join(&server, "heir", &["another", "killed", "other"]).await;
    assert!(
        !wait_for_all_partitions(&heir).await,
        "the process that knew of the death has already reported it"
    );
    assert_eq!(holders(&server), vec!["heir"; 16]);
    assert_eq!(
        heir.backlog(PartitionSet::ALL).await.unwrap().len(),
        1,
        "the waiting send is there"
    );
    let here = server.ask(&["ZRANGE", "support-bot:{0}:replicas", "0", "-1"]);
    assert_eq!(
        here.split_whitespace().collect::<Vec<_>>(),
        ["heir"],
        "dead processes are not members"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_process_declared_dead_can_write_nothing() {
    let server = Server::start();
    let alive = join(&server, "alive", &[]).await;
    wait_for_all_partitions(&alive).await;
    let heir = join(&server, "heir", &["alive"]).await;
    wait_for_all_partitions(&heir).await;
    let done = alive.commit(vec![storing(conversation(1), 0)]).await.unwrap();
    assert_eq!(done, [Committed::Elsewhere], "a revoked process must not write");
    assert!(heir.load(domain::Subject::User(UserId(1))).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unclean_end_is_reported_by_one_process() {
    let server = Server::start();
    let one = join(&server, "one", &[]).await;
    let two = join(&server, "two", &[]).await;
    assert!(one.is_first_report("gone").await, "the first that asks");
    assert!(!one.is_first_report("gone").await && !two.is_first_report("gone").await);
    assert!(two.is_first_report("gone as well").await);
}
