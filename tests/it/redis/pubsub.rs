//! Messages between processes arrive at once, even after a connection that silently lost data.

use std::time::{Duration, Instant};

use domain::{PartitionSet, UserId};
use ports::{Inbox as _, Ledger as _, PartitionEvent, Partitions as _, Store as _, StoreError};
use support_bot::adapters::redis::{Options, RedisStore};

use super::server::Server;
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
struct Hearing {
    holder: RedisStore,
    other: RedisStore,
    next: i64,
}

impl Hearing {
    /// Waits until the holder receives an event of this kind.
    async fn told(&self, of: impl Fn(&PartitionEvent) -> bool) {
        let told = async { while !of(&self.holder.next_event().await) {} };
        tokio::time::timeout(Duration::from_mins(1), told).await.expect("the event did not arrive");
    }

    /// Stores an update through the other process; whether the holder learns of it at once.
    async fn hears(&mut self) -> bool {
        self.next += 1;
        let update = update(self.next, 1);
        let taken = self.other.receive(vec![update], None, NOW).await.unwrap();
        assert_eq!(taken.items, [], "the update belongs to another process");
        let begun = Instant::now();
        self.told(|shift| matches!(shift, PartitionEvent::InboxUpdated(_))).await;
        let took = begun.elapsed();
        // The holder reads its inbox, so that it is not notified again.
        while self.holder.undecided(PartitionSet::ALL, None, 1000).await.is_err() {}
        took < AT_ONCE
    }

    /// Whether the holder learns of three updates in a row at once. An update that is only found in the inbox takes two
    /// seconds.
    async fn hears_well(&mut self) -> bool {
        self.hears().await && self.hears().await && self.hears().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_lost_in_silence_what_the_others_say_hears_it_again_soon() {
    let server = Server::start();
    let proxy = Proxy::before(server.port()).await;
    let options = Options { lease: LEASE, ..server.options() };
    let near = Options { url: proxy.url().into(), ..options.clone() };
    let holder = RedisStore::join(&near).await.unwrap();
    let other = RedisStore::peek(&options).await.unwrap();
    let mut hearing = Hearing { holder, other, next: 0 };
    hearing.told(|shift| matches!(shift, PartitionEvent::Assigned { .. })).await;
    hearing.holder.serve(PartitionSet::ALL);
    assert!(hearing.hears_well().await);

    // The connections that lose data now stay dead.
    proxy.set(Network::HalfOpen);
    receive_unheard(&mut hearing).await;
    let user = UserId(1);
    let asked = hearing.holder.load(domain::Subject::User(user)).await;
    assert!(matches!(asked, Err(StoreError::Io(_))), "{asked:?}");
    proxy.set(Network::Well);
    let begun = Instant::now();
    while !hearing.hears_well().await {
        assert!(
            begun.elapsed() < Duration::from_secs(40),
            "the holder does not learn of updates any more"
        );
    }
    println!("updates arrive at once again after {:?}", begun.elapsed());
}

/// Sends a message between processes that does not arrive.
async fn receive_unheard(hearing: &mut Hearing) {
    hearing.next += 1;
    hearing.other.receive(vec![update(hearing.next, 1)], None, NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_may_wait_for_a_server_that_is_gone_is_refused_and_not_kept_in_memory() {
    const ASKED: i64 = 12_000;
    let mut server = Server::start();
    let store = RedisStore::open(&server.options()).await.unwrap();
    receive(&store, &[update(1, 1)]).await;
    server.kill();
    let begun = Instant::now();
    let asks = (0..ASKED).map(|user| load_or_say(&store, 1000 + user));
    let said = futures_util::future::join_all(asks).await;
    let took = begun.elapsed();
    let refused = said.iter().filter(|said| said.contains("in-flight")).count();
    println!("{refused} of {ASKED} refused, all in {took:?}");
    assert!(refused > 1_000, "{refused}");
    assert!(took < Duration::from_secs(20), "{took:?}");
    server.restart();
    while store.probe().await.is_err() {}
    assert!(load(&store, 1).await.is_none());
}

async fn load_or_say(store: &RedisStore, user: i64) -> String {
    match store.load(domain::Subject::User(UserId(user))).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_closed_leaves_no_connection_behind() {
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
