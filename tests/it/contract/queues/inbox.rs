//! Promises of the inbox.

use domain::{InboxLane, Language, Partition, PartitionSet, TopicId, UpdateId};
use ports::{Arrival, Commit, DeskState as _, Inbox, RawUpdate, Received, Taken};

use crate::contract::{
    Backend,
    sample::{
        NOW, commit, conversation, later, load, receive, send, storing, undecided, update, waiting,
    },
};

pub(crate) async fn known_updates_are_skipped<B: Backend>() {
    let backend = B::open().await;
    let first = receive(backend.store(), &[update(10, 1), update(11, 2)]).await;
    assert_eq!(first.len(), 2);

    let again = vec![update(11, 2), update(12, 1), update(10, 1)];
    let again = backend.store().receive(again, None, later(1)).await.unwrap();
    assert_eq!(again.duplicates, 2);
    assert_eq!(again.items.len(), 1);
    assert_eq!(again.items[0].update, update(12, 1));
    assert_eq!(undecided(backend.store()).await.len(), 3);
}

pub(crate) async fn a_batch_keeps_its_order<B: Backend>() {
    let backend = B::open().await;
    let batch: Vec<_> = [7, 3, 9, 1].into_iter().map(|number| update(number, number)).collect();
    let items = receive(backend.store(), &batch).await;
    assert!(items.is_sorted_by_key(|item| item.seq));
    assert_eq!(items.iter().map(|item| item.update.clone()).collect::<Vec<_>>(), batch);
    assert_eq!(undecided(backend.store()).await, items);
}

pub(crate) async fn an_update_repeated_within_a_batch_is_known<B: Backend>() {
    let backend = B::open().await;
    let batch = vec![update(1, 1), update(1, 1)];
    let received = backend.store().receive(batch, None, NOW).await.unwrap();
    assert_eq!((received.items.len(), received.duplicates), (1, 1));
    let nothing = backend.store().receive(Vec::new(), Some(UpdateId(2)), NOW).await.unwrap();
    assert_eq!(nothing, Received::default());
}

pub(crate) async fn the_offset_may_be_lowered<B: Backend>() {
    let backend = B::open().await;
    backend.store().take_in(Vec::new(), Some(UpdateId(700))).await.unwrap();
    backend.store().take_in(Vec::new(), Some(UpdateId(0))).await.unwrap();
    let backend = backend.kill().await;
    assert_eq!(backend.store().notebook().await.unwrap().offset, Some(UpdateId(0)));
    receive(backend.store(), &[update(5, 1)]).await;
    let backend = backend.kill().await;
    assert_eq!(backend.store().notebook().await.unwrap().offset, Some(UpdateId(0)));
}

pub(crate) async fn undecided_updates_are_read_by_partition<B: Backend>() {
    let backend = B::open().await;
    let batch: Vec<_> = (0..40).map(|number| update(number, number)).collect();
    let items = receive(backend.store(), &batch).await;
    for partition in Partition::all() {
        let read = backend.store().undecided(partition.into(), None, 1000).await.unwrap();
        let of_it = items.iter().filter(|item| Partition::of_seq(item.seq) == partition);
        assert_eq!(read, of_it.cloned().collect::<Vec<_>>());
        assert!(!read.is_empty(), "every partition has updates");
    }
}

pub(crate) async fn undecided_updates_are_paged<B: Backend>() {
    let backend = B::open().await;
    let batch: Vec<_> = (0..25).map(|number| update(number, number)).collect();
    let items = receive(backend.store(), &batch).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = backend.store().undecided(PartitionSet::ALL, after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        assert!(page.len() <= 10);
        seen.extend(page);
    }
    assert_eq!(seen, items);
}

pub(crate) async fn failed_attempts_are_counted<B: Backend>() {
    let backend = B::open().await;
    let item = receive(backend.store(), &[update(1, 1)]).await.remove(0);
    assert_eq!(item.attempts, 0);
    backend.store().failed(item.seq, 3).await.unwrap();
    assert_eq!(undecided(backend.store()).await[0].attempts, 3);
    let backend = backend.kill().await;
    assert_eq!(undecided(backend.store()).await[0].attempts, 3);
}

pub(crate) async fn decided_updates_stay_known<B: Backend>() {
    let backend = B::open().await;
    let item = receive(backend.store(), &[update(1, 1)]).await.remove(0);
    commit(backend.store(), Commit { decided: Some(item.seq), ..Commit::default() }).await;
    assert_eq!(undecided(backend.store()).await, []);
    let again = backend.store().receive(vec![update(1, 1)], None, later(1)).await.unwrap();
    assert_eq!((again.items.len(), again.duplicates), (0, 1));

    let backend = backend.kill().await;
    let again = backend.store().receive(vec![update(1, 1)], None, later(2)).await.unwrap();
    assert_eq!(again.duplicates, 1);
    assert_eq!(backend.store().notebook().await.unwrap().offset, None);
}

pub(crate) async fn an_update_of_any_length_is_stored_unchanged<B: Backend>() {
    let backend = B::open().await;
    let lanes = [InboxLane::Desk, InboxLane::Topic(TopicId(9))];
    let texts = [String::new(), "é\u{0}\n\"".repeat(100_000)];
    let batch: Vec<_> = (0..)
        .zip(lanes.into_iter().zip(texts))
        .map(|(number, (lane, raw))| RawUpdate { update: UpdateId(-5 - number), lane, raw })
        .collect();
    receive(backend.store(), &batch).await;
    let kept: Vec<_> =
        undecided(backend.store()).await.into_iter().map(|item| item.update).collect();
    assert_eq!(kept, batch);
}

fn decided(update: RawUpdate, commit: Commit) -> Arrival {
    Arrival { update, received: NOW, commit: Some(commit) }
}

/// For each update, whether it was taken and how.
fn outcomes(taken: &[Taken]) -> Vec<&'static str> {
    let outcome = |taken: &Taken| match taken {
        Taken::Known => "known",
        Taken::Waits(_) => "waits",
        Taken::Decided(_) => "decided",
        Taken::Elsewhere => "elsewhere",
    };
    taken.iter().map(outcome).collect()
}

pub(crate) async fn an_update_stored_with_its_decision_never_waits<B: Backend>() {
    let backend = B::open().await;
    let first = Commit { queued: vec![send(1, 1)], ..storing(conversation(1), 0) };
    let mut next = conversation(1);
    next.language = Some(Language::Russian);
    let second = Commit { queued: vec![send(1, 2), send(1, 3)], ..storing(next, 1) };
    let batch = vec![decided(update(1, 1), first.clone()), decided(update(2, 1), second)];
    let taken = backend.store().take_in(batch, Some(UpdateId(3))).await.unwrap();
    assert_eq!(outcomes(&taken), ["decided", "decided"]);
    let sends = taken.into_iter().flat_map(|taken| match taken {
        Taken::Decided(written) => written.queued,
        Taken::Known | Taken::Waits(_) | Taken::Elsewhere => Vec::new(),
    });
    let sends: Vec<_> = sends.collect();

    let backend = backend.kill().await;
    let store = backend.store();
    assert_eq!(store.notebook().await.unwrap().offset, Some(UpdateId(3)));
    assert_eq!(undecided(store).await, []);
    assert_eq!(waiting(store, 1).await, sends);
    assert_eq!(load(store, 1).await.unwrap().language, Some(Language::Russian));
    // Telegram repeats the update: it is known, so its effects are not written again.
    let again = store.take_in(vec![decided(update(1, 1), first)], None).await.unwrap();
    assert_eq!(outcomes(&again), ["known"]);
    assert_eq!(waiting(store, 1).await, sends);
}

pub(crate) async fn an_update_with_a_stale_decision_waits<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    commit(store, storing(conversation(1), 0)).await;
    let outdated = Commit { queued: vec![send(1, 1)], ..storing(conversation(1), 0) };
    let fresh = Commit { queued: vec![send(2, 2)], ..storing(conversation(2), 0) };
    let batch = vec![decided(update(1, 1), outdated), decided(update(2, 2), fresh)];
    let taken = store.take_in(batch, None).await.unwrap();
    assert_eq!(outcomes(&taken), ["waits", "decided"]);
    assert_eq!((waiting(store, 1).await.len(), waiting(store, 2).await.len()), (0, 1));
    let left = undecided(store).await;
    assert_eq!(left.iter().map(|item| &item.update).collect::<Vec<_>>(), [&update(1, 1)]);
    assert_eq!(taken[0], Taken::Waits(left[0].clone()));
    assert_eq!(load(store, 1).await.unwrap().revision.0, 1);
}

pub(crate) async fn no_update_overtakes_a_waiting_one<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let nothing = Commit::default;
    let topic = |number: i64| RawUpdate { lane: InboxLane::Topic(TopicId(7)), ..update(number, 0) };
    // In the lane of user 1, the first update waits, so the second waits too. In the topic's lane, the first commit
    // changes the conversation of user 3, whose own update still waits.
    receive(store, &[update(1, 3)]).await;
    let batch = vec![
        Arrival { update: update(2, 1), received: NOW, commit: None },
        decided(update(3, 1), nothing()),
        decided(update(4, 2), nothing()),
        decided(update(1, 3), storing(conversation(3), 0)),
        decided(topic(5), storing(conversation(3), 0)),
        decided(topic(6), nothing()),
    ];
    let taken = store.take_in(batch, None).await.unwrap();
    assert_eq!(outcomes(&taken), ["waits", "waits", "decided", "known", "waits", "waits"]);
    let order: Vec<_> =
        undecided(store).await.into_iter().map(|item| item.update.update.0).collect();
    assert_eq!(order, [1, 2, 3, 5, 6]);
}
