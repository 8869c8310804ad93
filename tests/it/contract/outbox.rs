//! Promises of the outbox.

use domain::{Millis, Shards};
use ports::{Commit, LaneHead, Outbox, Queued};

use super::{
    Backend,
    sample::{commit, lane, later, queue, send, seqs, waiting},
};

pub(super) async fn lanes_are_independent_and_ordered<B: Backend>() {
    let backend = B::open().await;
    let sends = vec![send(1, 10), send(2, 20), send(1, 11), send(2, 21), send(1, 12)];
    let queued = queue(backend.store(), sends.clone()).await;
    assert_eq!(queued.iter().map(|item| item.queued.clone()).collect::<Vec<_>>(), sends);
    let of = |user| queued.iter().filter(|item| item.queued.lane == lane(user)).cloned().collect();
    let (first, second): (Vec<_>, Vec<_>) = (of(1), of(2));
    assert_eq!(waiting(backend.store(), 1).await, first);
    assert_eq!(waiting(backend.store(), 2).await, second);
    assert_eq!(waiting(backend.store(), 3).await, []);
    let late = queue(backend.store(), vec![send(1, 13)]).await;
    assert_eq!(waiting(backend.store(), 1).await.last(), late.last());
}

pub(super) async fn a_lane_is_paged<B: Backend>() {
    let backend = B::open().await;
    let not_before = Some(later(700));
    let mut sends: Vec<_> = (0..25).map(|message| send(1, message)).collect();
    sends.push(Queued { not_before, ..send(1, 26) });
    let queued = queue(backend.store(), sends).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = backend.store().next(lane(1), after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        assert!(page.len() <= 10);
        seen.extend(page);
    }
    assert_eq!(seen, queued);
}

pub(super) async fn lanes_tell_what_waits<B: Backend>() {
    let backend = B::open().await;
    assert_eq!(backend.store().lanes(Shards::ALL).await.unwrap(), []);
    let mut first = send(1, 10);
    first.received = Millis(77);
    queue(backend.store(), vec![first, send(2, 20), send(1, 11)]).await;
    let mut heads = backend.store().lanes(Shards::ALL).await.unwrap();
    heads.sort_by_key(|head| head.lane.user);
    let expected = [
        LaneHead { lane: lane(1), waiting: 2, oldest: Millis(77) },
        LaneHead { lane: lane(2), waiting: 1, oldest: later(20) },
    ];
    assert_eq!(heads, expected);
}

pub(super) async fn done_sends_leave<B: Backend>() {
    let backend = B::open().await;
    let queued = queue(backend.store(), vec![send(1, 1), send(1, 2), send(1, 3)]).await;
    let sent = seqs(&queued[..2]);
    commit(backend.store(), Commit { sent: sent.clone(), ..Commit::default() }).await;
    assert_eq!(waiting(backend.store(), 1).await, queued[2..]);
    commit(backend.store(), Commit { sent, ..Commit::default() }).await;
    let backend = backend.kill().await;
    assert_eq!(waiting(backend.store(), 1).await, queued[2..]);
}
