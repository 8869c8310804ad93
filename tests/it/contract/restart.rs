//! Promises that hold across restarts.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{Millis, Span, Subject, UpdateId, UserId};
use ports::{
    Commit, DeadLetters, DeskState as _, Imported, Inbox, Ledger, LimitHistory as _, Outbox,
    Retention as _, Store, StoreError,
};

use super::{
    Backend,
    sample::{
        NOW, commit, conversation, lane, later, load, queue, receive, send, storing, undecided,
        update, waiting,
    },
};

const LIMIT: Duration = Duration::from_secs(10);

pub(super) async fn every_commit_survives_a_kill<B: Backend>() {
    let backend = B::open().await;
    let batch = vec![update(1, 1), update(2, 2)];
    let received = backend.store().receive(batch, Some(UpdateId(3)), NOW).await.unwrap();
    let queued = queue(backend.store(), vec![send(1, 1)]).await;
    commit(backend.store(), storing(conversation(1), 0)).await;

    let backend = backend.kill().await;
    assert_eq!(undecided(backend.store()).await, received.items);
    assert_eq!(waiting(backend.store(), 1).await, queued);
    assert!(load(backend.store(), 1).await.is_some());
    let notebook = backend.store().notebook().await.unwrap();
    assert_eq!(notebook.offset, Some(UpdateId(3)));
    assert!(notebook.unclean);
}

pub(super) async fn a_finished_import_is_recorded<B: Backend>() {
    let backend = B::open().await;
    assert_eq!(backend.store().notebook().await.unwrap().imported, None);
    let imports = [(3, 1), (40, 2)].map(|(users, at)| Imported { users, at: later(at) });
    for imported in imports {
        backend.store().remember_import(imported).await.unwrap();
    }
    let backend = backend.kill().await;
    assert_eq!(backend.store().notebook().await.unwrap().imported, Some(imports[1]), "the last");
}

pub(super) async fn the_spans_of_the_limit_survive_a_kill_and_grow<B: Backend>() {
    let backend = B::open().await;
    let span = |from, to| Span { from: later(from), to: later(to) };
    let record = async |backend: &B, spans: &[Span], forget| {
        backend.store().record_limited(spans.to_vec(), later(forget)).await.unwrap();
    };
    record(&backend, &[span(1, 2), span(10, 20)], 0).await;
    record(&backend, &[span(10, 30)], 0).await;
    let limited = async |backend: &B| {
        let mut spans = backend.store().limited().await.unwrap();
        spans.sort_by_key(|span| span.from);
        spans
    };
    let backend = backend.kill().await;
    assert_eq!(limited(&backend).await, [span(1, 2), span(10, 30)]);
    record(&backend, &[], 3).await;
    assert_eq!(limited(&backend).await, [span(10, 30)], "what has ended long ago is forgotten");
}

pub(super) async fn a_clean_close_is_recorded<B: Backend>() {
    let backend = B::open().await;
    assert!(!backend.store().notebook().await.unwrap().unclean, "the first run has no predecessor");
    receive(backend.store(), &[update(1, 1)]).await;
    let backend = backend.reopen().await;
    assert!(!backend.store().notebook().await.unwrap().unclean);
    assert_eq!(undecided(backend.store()).await.len(), 1);
    let backend = backend.kill().await;
    assert!(backend.store().notebook().await.unwrap().unclean);
    let backend = backend.reopen().await;
    assert!(!backend.store().notebook().await.unwrap().unclean);
}

pub(super) async fn calls_after_closing_fail<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    commit(store, storing(conversation(1), 0)).await;
    store.close(LIMIT).await.unwrap();
    let closed = Err(StoreError::Closed);
    assert_eq!(store.receive(vec![update(1, 1)], None, NOW).await.map(drop), closed);
    assert_eq!(store.commit(vec![Commit::default()]).await.map(drop), closed);
    assert_eq!(store.load(Subject::User(UserId(1))).await.map(drop), closed);
    assert_eq!(store.next(lane(1), None, 1).await.map(drop), closed);
    assert_eq!(store.dead(None, 1).await.map(drop), closed);
    assert_eq!(store.forget(Millis(0), Millis(0)).await.map(drop), closed);
    assert_eq!(store.figures().await.map(drop), closed);
    assert_eq!(store.probe().await, closed);
    assert_eq!(store.close(LIMIT).await, closed);
}

pub(super) async fn queued_work_is_finished_before_closing<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let writes = async {
        let batches = (0..50).map(|number| store.receive(vec![update(number, 1)], None, NOW));
        let done = futures_util::future::join_all(batches).await;
        done.into_iter().flatten().count()
    };
    let (done, closed) = tokio::join!(writes, store.close(LIMIT));
    closed.unwrap();
    assert_eq!(done, 50, "these requests came before the store was closed");
    let backend = backend.reopen().await;
    assert_eq!(undecided(backend.store()).await.len(), 50);
}

pub(super) async fn sequence_numbers_are_never_reused<B: Backend>() {
    let mut backend = B::open().await;
    let mut seen = HashSet::new();
    for round in 0..4 {
        let item = receive(backend.store(), &[update(round, 1)]).await.remove(0);
        let sent = queue(backend.store(), vec![send(1, round)]).await.remove(0);
        assert!(seen.insert((true, item.seq)), "the inbox reused {:?}", item.seq);
        assert!(seen.insert((false, sent.seq)), "the outbox reused {:?}", sent.seq);
        let gone = Commit { decided: Some(item.seq), sent: vec![sent.seq], ..Commit::default() };
        commit(backend.store(), gone).await;
        backend = if round % 2 == 0 { backend.kill().await } else { backend.reopen().await };
    }
}

pub(super) async fn concurrent_writers_lose_nothing<B: Backend>()
where
    B::Store: Sized,
{
    const USERS: i64 = 40;
    const EACH: i64 = 25;
    let backend = B::open().await;
    let store = backend.store();
    let writer = async |user: i64| {
        for round in 0..EACH {
            let item = receive(store, &[update(user * 1000 + round, user)]).await.remove(0);
            let next: Arc<_> = match store.load(Subject::User(UserId(user))).await.unwrap() {
                Some(found) => found,
                None => Arc::new(conversation(user)),
            };
            let change = Commit {
                decided: Some(item.seq),
                queued: vec![send(user, round)],
                ..storing((*next).clone(), next.revision.0)
            };
            commit(store, change).await;
        }
    };
    futures_util::future::join_all((1..=USERS).map(writer)).await;

    let backend = backend.kill().await;
    assert_eq!(undecided(backend.store()).await, []);
    for user in 1..=USERS {
        assert_eq!(load(backend.store(), user).await.unwrap().revision.0, EACH);
        let sends = waiting(backend.store(), user).await;
        let expected: Vec<_> = (0..EACH).map(|round| send(user, round)).collect();
        assert_eq!(sends.into_iter().map(|item| item.queued).collect::<Vec<_>>(), expected);
    }
}
