//! Promises of the outbox.

use domain::{Channel, Millis, OutboxLane, Partition, PartitionSet, UserId};
use ports::{Backlog, Commit, Outbox, Queued, Reached};

use crate::contract::{
    Backend,
    sample::{commit, lane, later, queue, send, seqs, waiting},
};

pub(crate) async fn lanes_are_independent_and_ordered<B: Backend>() {
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

pub(crate) async fn a_lane_is_paged<B: Backend>() {
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

pub(crate) async fn the_backlog_is_counted_by_partition_and_channel<B: Backend>() {
    let backend = B::open().await;
    assert_eq!(backend.store().backlog(PartitionSet::ALL).await.unwrap(), []);
    let mut first = send(1, 10);
    first.received = Millis(77);
    queue(backend.store(), vec![first, send(2, 20), send(17, 11)]).await;
    let mut waiting = backend.store().backlog(PartitionSet::ALL).await.unwrap();
    waiting.sort_by_key(|backlog| backlog.partition);
    let of = |user, waiting, oldest| {
        let partition = Partition::of(UserId(user));
        Backlog { partition, channel: Channel::Topic, waiting, oldest }
    };
    assert_eq!(waiting, [of(1, 2, Millis(77)), of(2, 1, later(20))]);
}

pub(crate) async fn a_backlog_that_is_being_sent_is_never_reported_empty<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let queued = queue(store, (0..200).map(|message| send(1, message)).collect()).await;
    let (last, others) = queued.split_last().unwrap();
    let sends = async {
        for item in others {
            commit(store, Commit { sent: vec![item.seq], ..Commit::default() }).await;
        }
    };
    let looks = async {
        loop {
            let backlog = store.backlog(PartitionSet::ALL).await.unwrap();
            assert_eq!(backlog.len(), 1, "sends wait, and none was reported");
            if backlog[0].waiting == 1 {
                break;
            }
        }
    };
    tokio::join!(sends, looks);
    commit(store, Commit { sent: vec![last.seq], ..Commit::default() }).await;
    assert_eq!(store.backlog(PartitionSet::ALL).await.unwrap(), []);
}

pub(crate) async fn lanes_are_listed_by_their_oldest_send_with_their_backlog<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    // All sends are in one partition, where numbers rise; some belong to another channel.
    let users: Vec<i64> = (1..=40).rev().map(|n| n * 16 + 3).collect();
    let mut sends: Vec<Queued> = users.iter().map(|user| send(*user, 10)).collect();
    sends.push(send(users[7], 11));
    let other = Channel::Cosmetic;
    let looks = sends.clone().into_iter().map(|send| {
        let lane = OutboxLane { channel: other, ..send.lane };
        Queued { lane, ..send }
    });
    let queued = queue(store, sends.clone().into_iter().chain(looks).collect()).await;
    let partitions: PartitionSet = Partition::of(UserId(3)).into();
    let (mut found, mut from) = (Vec::new(), Reached::default());
    loop {
        let page = store.lanes(partitions, Channel::Topic, from, 16).await.unwrap();
        assert!(page.heads.len() <= 16);
        found.extend(page.heads);
        from = page.reached;
        if !page.more {
            break;
        }
    }
    // A lane with two sends is found twice if they are on different pages.
    found.dedup_by_key(|head| head.lane);
    let again = found.pop_if(|head| head.lane == lane(users[7])).map(|head| head.waiting);
    assert_eq!(again, Some(2));
    assert_eq!(found.iter().map(|head| head.lane.user.0).collect::<Vec<_>>(), users);
    for (head, item) in found.iter().zip(&queued) {
        assert_eq!(head.oldest, item.queued.received);
        let (waiting, last) = if head.lane == lane(users[7]) { (2, 40) } else { (1, 0) };
        assert_eq!(head.waiting, waiting);
        assert_eq!(head.last, if last > 0 { queued[last].seq } else { item.seq });
    }
    let none = store.lanes(partitions, Channel::Button, Reached::default(), 16).await.unwrap();
    assert_eq!((none.heads, none.more), (Vec::new(), false));
    commit(store, Commit { sent: seqs(&queued[..39]), ..Commit::default() }).await;
    let page = store.lanes(partitions, Channel::Topic, Reached::default(), 16).await.unwrap();
    let left: Vec<i64> = page.heads.iter().map(|head| head.lane.user.0).collect();
    assert_eq!((left, page.more), (vec![users[39], users[7]], false));
}

pub(crate) async fn completed_sends_are_removed<B: Backend>() {
    let backend = B::open().await;
    let queued = queue(backend.store(), vec![send(1, 1), send(1, 2), send(1, 3)]).await;
    let sent = seqs(&queued[..2]);
    commit(backend.store(), Commit { sent: sent.clone(), ..Commit::default() }).await;
    assert_eq!(waiting(backend.store(), 1).await, queued[2..]);
    commit(backend.store(), Commit { sent, ..Commit::default() }).await;
    let backend = backend.kill().await;
    assert_eq!(waiting(backend.store(), 1).await, queued[2..]);
}
