//! Promises of the inbox.

use support_bot::{
    domain::{InboxLane, TopicId, UpdateId},
    ports::{Commit, Inbox, Ledger, RawUpdate, Received},
};

use super::{
    Backend,
    sample::{NOW, commit, later, receive, undecided, update},
};

pub(super) async fn known_updates_are_left_out<B: Backend>() {
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

pub(super) async fn a_batch_keeps_its_order<B: Backend>() {
    let backend = B::open().await;
    let batch: Vec<_> = [7, 3, 9, 1].into_iter().map(|number| update(number, number)).collect();
    let items = receive(backend.store(), &batch).await;
    assert!(items.is_sorted_by_key(|item| item.seq));
    assert_eq!(items.iter().map(|item| item.update.clone()).collect::<Vec<_>>(), batch);
    assert_eq!(undecided(backend.store()).await, items);
}

pub(super) async fn an_update_repeated_within_a_batch_is_known<B: Backend>() {
    let backend = B::open().await;
    let batch = vec![update(1, 1), update(1, 1)];
    let received = backend.store().receive(batch, None, NOW).await.unwrap();
    assert_eq!((received.items.len(), received.duplicates), (1, 1));
    let nothing = backend.store().receive(Vec::new(), Some(UpdateId(2)), NOW).await.unwrap();
    assert_eq!(nothing, Received::default());
}

pub(super) async fn the_undecided_are_paged<B: Backend>() {
    let backend = B::open().await;
    let batch: Vec<_> = (0..25).map(|number| update(number, number)).collect();
    let items = receive(backend.store(), &batch).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = backend.store().undecided(after, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.seq);
        assert!(page.len() <= 10);
        seen.extend(page);
    }
    assert_eq!(seen, items);
}

pub(super) async fn failures_are_counted<B: Backend>() {
    let backend = B::open().await;
    let item = receive(backend.store(), &[update(1, 1)]).await.remove(0);
    assert_eq!(item.attempts, 0);
    backend.store().failed(item.seq, 3).await.unwrap();
    assert_eq!(undecided(backend.store()).await[0].attempts, 3);
    let backend = backend.kill().await;
    assert_eq!(undecided(backend.store()).await[0].attempts, 3);
}

pub(super) async fn decided_updates_stay_known<B: Backend>() {
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

pub(super) async fn an_update_without_end_or_text_is_kept<B: Backend>() {
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
