//! Messages between processes arrive at once, even after a connection that silently lost data.

use std::time::{Duration, Instant};

use domain::{PartitionSet, UserId};
use ports::{Inbox as _, Ledger as _, PartitionEvent, Partitions as _, Store as _, StoreError};
use support_bot::adapters::redis::{Options, RedisStore};

use crate::redis::Server;
use crate::{
    contract::sample::{NOW, load, receive, update},
    harness::{Network, Proxy},
};

/// Length of a lease. Without a message, an update is found in the inbox an eighth of this later, which the test can
/// distinguish.
const LEASE: Duration = Duration::from_secs(16);
/// Time limit for a message between processes.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A process to which all partitions are assigned, and another one that receives updates for it.
struct Subscription {
    holder: RedisStore,
    other: RedisStore,
    next: i64,
}

impl Subscription {
    /// Waits until the holder receives an event of this kind.
    async fn wait_for_event(&self, of: impl Fn(&PartitionEvent) -> bool) {
        let received = async { while !of(&self.holder.next_event().await) {} };
        tokio::time::timeout(Duration::from_mins(1), received)
            .await
            .expect("the event did not arrive");
    }

    /// Stores an update through the other process; whether the holder learns of it at once.
    async fn receives(&mut self) -> bool {
        self.next += 1;
        let update = update(self.next, 1);
        let taken = self.other.receive(vec![update], None, NOW).await.unwrap();
        assert_eq!(taken.items, [], "the update belongs to another process");
        let begun = Instant::now();
        self.wait_for_event(|event| matches!(event, PartitionEvent::InboxUpdated(_))).await;
        let took = begun.elapsed();
        // The holder reads its inbox, so that it is not notified again.
        while self.holder.undecided(PartitionSet::ALL, None, 1000).await.is_err() {}
        took < AT_ONCE
    }

    /// Whether the holder learns of three updates in a row at once. An update that is only found in the inbox takes two
    /// seconds.
    async fn keeps_receiving(&mut self) -> bool {
        self.receives().await && self.receives().await && self.receives().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_that_died_silently_is_replaced_soon() {
    let server = Server::start();
    let proxy = Proxy::before(server.port()).await;
    let options = Options { lease: LEASE, ..server.options() };
    let near = Options { url: proxy.url().into(), ..options.clone() };
    let holder = RedisStore::join(&near).await.unwrap();
    let other = RedisStore::open_read_only(&options).await.unwrap();
    let mut subscription = Subscription { holder, other, next: 0 };
    subscription.wait_for_event(|event| matches!(event, PartitionEvent::Assigned { .. })).await;
    subscription.holder.serve(PartitionSet::ALL);
    assert!(subscription.keeps_receiving().await);

    // The connections that lose data now stay dead.
    proxy.set(Network::HalfOpen);
    receive_unannounced(&mut subscription).await;
    let user = UserId(1);
    let asked = subscription.holder.load(domain::Subject::User(user)).await;
    assert!(matches!(asked, Err(StoreError::Io(_))), "{asked:?}");
    proxy.set(Network::Well);
    let begun = Instant::now();
    while !subscription.keeps_receiving().await {
        assert!(
            begun.elapsed() < Duration::from_secs(40),
            "the holder does not learn of updates any more"
        );
    }
    println!("updates arrive at once again after {:?}", begun.elapsed());
}

/// Sends a message between processes that does not arrive.
async fn receive_unannounced(subscription: &mut Subscription) {
    subscription.next += 1;
    subscription.other.receive(vec![update(subscription.next, 1)], None, NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_beyond_the_buffer_are_refused_while_the_server_is_down() {
    const ASKED: i64 = 12_000;
    let mut server = Server::start();
    let store = RedisStore::open(&server.options()).await.unwrap();
    receive(&store, &[update(1, 1)]).await;
    server.kill();
    let begun = Instant::now();
    let asks = (0..ASKED).map(|user| load_or_error(&store, 1000 + user));
    let results = futures_util::future::join_all(asks).await;
    let took = begun.elapsed();
    let refused = results.iter().filter(|results| results.contains("in-flight")).count();
    println!("{refused} of {ASKED} refused, all in {took:?}");
    assert!(refused > 1_000, "{refused}");
    assert!(took < Duration::from_secs(20), "{took:?}");
    server.restart();
    while store.probe().await.is_err() {}
    assert!(load(&store, 1).await.is_none());
}

async fn load_or_error(store: &RedisStore, user: i64) -> String {
    match store.load(domain::Subject::User(UserId(user))).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_store_leaves_no_connection() {
    let server = Server::start();
    let connections = async |expected: usize| {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            // The first line is the connection that asks.
            let listed = server.ask(&["CLIENT", "LIST"]);
            if listed.trim().lines().count() == 1 + expected {
                return;
            }
            assert!(Instant::now() < deadline, "expected {expected} connections:\n{listed}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let store = RedisStore::join(&server.options()).await.unwrap();
    connections(2).await;
    store.close(Duration::from_secs(10)).await.unwrap();
    drop(store);
    connections(0).await;
}
