//! Promises about the figures that a store reports.

use domain::{State, Topic, TopicId};
use ports::{Commit, DeadLetters, Origin, Store};

use super::{
    Backend,
    sample::{commit, conversation, dead, later, queue, receive, send, storing, update},
};

pub(super) async fn figures_match_the_stored_values<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let empty = store.figures().await.unwrap();
    assert_eq!((empty.conversations, empty.oldest_waiting), ([0; State::ALL.len()], None));

    for (user, since) in [(1, 30), (2, 10), (3, 20)] {
        let mut waits = conversation(user);
        waits.waiting_since = Some(later(since));
        commit(store, storing(waits, 0)).await;
    }
    let mut closed = conversation(4);
    closed.topic.current = Topic::Closed(TopicId(4));
    commit(store, storing(closed, 0)).await;
    let items = receive(store, &[update(1, 1)]).await;
    let sends = queue(store, vec![send(1, 1), send(1, 2)]).await;
    let letters: Vec<_> = [Origin::Update(items[0].clone())]
        .into_iter()
        .chain(sends.into_iter().map(Origin::Send))
        .map(dead)
        .collect();
    commit(store, Commit { dead: letters.clone(), ..Commit::default() }).await;

    let figures = store.figures().await.unwrap();
    assert_eq!(figures.conversations, [3, 0, 1, 0, 0]);
    assert_eq!(figures.oldest_waiting, Some(later(10)));
    assert_eq!((figures.dead_updates, figures.dead_sends), (1, 2));
    assert!(figures.bytes > 0);

    // The user who waited longest is banned, and so no longer counts as waiting.
    let mut banned = conversation(2);
    banned.waiting_since = Some(later(10));
    banned.moderation.banned = true;
    commit(store, storing(banned, 1)).await;
    store.drop_dead(letters[1].id()).await.unwrap();
    commit(store, Commit { retried: vec![letters[0].id()], ..Commit::default() }).await;

    let backend = backend.kill().await;
    let figures = backend.store().figures().await.unwrap();
    assert_eq!(figures.conversations, [2, 0, 1, 1, 0]);
    assert_eq!(figures.oldest_waiting, Some(later(20)));
    assert_eq!((figures.dead_updates, figures.dead_sends), (0, 1));
}

pub(super) async fn a_probe_works<B: Backend>() {
    let backend = B::open().await;
    backend.store().probe().await.unwrap();
    backend.store().probe().await.unwrap();
}
