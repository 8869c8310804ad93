//! Promises about the timers of conversations and the numbers of requests.

use std::time::{Duration, Instant};

use domain::{Partition, PartitionSet, UserId};
use ports::{Ledger, RequestNumbers as _};

use crate::contract::{
    Backend,
    sample::{commit, conversation, later, storing},
};

pub(crate) async fn timers_expire_in_order_and_follow_their_conversations<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    for (user, due) in [(1, Some(30)), (2, Some(10)), (3, None), (4, Some(20)), (17, Some(5))] {
        let mut waits = conversation(user);
        waits.welcome.due = due.map(later);
        commit(store, storing(waits, 0)).await;
    }
    let users = |of: &[i64]| of.iter().copied().map(UserId).collect::<Vec<_>>();
    assert_eq!(store.due(PartitionSet::ALL, later(4), 10).await.unwrap(), []);
    assert_eq!(store.due(PartitionSet::ALL, later(20), 10).await.unwrap(), users(&[17, 2, 4]));
    assert_eq!(store.due(PartitionSet::ALL, later(20), 2).await.unwrap(), users(&[17, 2]));
    let first = PartitionSet::from(Partition::of(UserId(1)));
    assert_eq!(store.due(first, later(30), 10).await.unwrap(), users(&[17, 1]));
    commit(store, storing(conversation(2), 1)).await;
    let mut postponed = conversation(17);
    postponed.welcome.due = Some(later(40));
    commit(store, storing(postponed, 1)).await;

    let backend = backend.kill().await;
    assert_eq!(
        backend.store().due(PartitionSet::ALL, later(30), 10).await.unwrap(),
        users(&[4, 1])
    );
}

pub(crate) async fn requests_are_numbered_consecutively_once_each<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let all = (1..=50).map(|user| store.request(UserId(user), 1));
    let mut numbers = futures_util::future::try_join_all(all).await.unwrap();
    let first = numbers[0];
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    assert_eq!(store.request(UserId(1), 2).await.unwrap(), 51);

    let backend = backend.kill().await;
    let store = backend.store();
    assert_eq!(
        store.request(UserId(1), 2).await.unwrap(),
        51,
        "a repeated request gets the same number"
    );
    assert_eq!(store.request(UserId(1), 1).await.unwrap(), 51, "an earlier request has ended");
    assert_ne!(first, 51);
    assert_eq!(store.requests_from(1000).await.unwrap(), 1000);
    assert_eq!(store.requests_from(7).await.unwrap(), 1000, "the counter never goes back");
    assert_eq!(store.request(UserId(2), 2).await.unwrap(), 1001);
}

/// Time of a query for due timers when none is due. The quickest of several queries: slower ones measure the machine.
pub(crate) async fn quickest_query(store: &impl Ledger) -> Duration {
    let mut quickest = Duration::MAX;
    for _ in 0..100 {
        let begun = Instant::now();
        assert_eq!(store.due(PartitionSet::ALL, later(1), 256).await.unwrap(), []);
        quickest = quickest.min(begun.elapsed());
    }
    quickest
}
