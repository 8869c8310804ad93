//! Promises about dead letters.

use domain::DeadId;
use ports::{Commit, DeadLetter, DeadLetters, Inbox, InboxItem, Origin, OutboxItem};

use crate::contract::{
    Backend,
    sample::{
        commit, dead, dead_send, dead_update, later, queue, receive, send, undecided, update,
        waiting,
    },
};

pub(crate) async fn a_dead_update_leaves_the_inbox_and_returns_when_replayed<B: Backend>() {
    let backend = B::open().await;
    let items = receive(backend.store(), &[update(1, 1), update(2, 1)]).await;
    let failed = InboxItem { attempts: 5, ..items[0].clone() };
    let letter = dead(Origin::Update(failed.clone()));
    commit(backend.store(), Commit { dead: vec![letter.clone()], ..Commit::default() }).await;
    assert_eq!(undecided(backend.store()).await, items[1..]);
    let again = backend.store().receive(vec![update(1, 1)], None, later(1)).await.unwrap();
    assert_eq!(again.duplicates, 1, "the update's id stays known");

    let backend = backend.kill().await;
    let id = dead_update(&failed);
    assert_eq!(backend.store().dead_letter(id).await.unwrap(), Some(letter));

    let retry = Commit { retried: vec![id], ..Commit::default() };
    let (_, reopened) = commit(backend.store(), retry).await;
    let [back] = &*reopened else { panic!("{reopened:?}") };
    assert_eq!((back.attempts, &back.update, back.received), (0, &update(1, 1), failed.received));
    assert_eq!(undecided(backend.store()).await, [items[1].clone(), back.clone()]);
    assert_eq!(backend.store().dead(None, 10).await.unwrap(), []);
    let again = backend.store().receive(vec![update(1, 1)], None, later(2)).await.unwrap();
    assert_eq!(again.duplicates, 1, "the update is still known");
    commit(backend.store(), Commit { decided: Some(back.seq), ..Commit::default() }).await;
    assert_eq!(undecided(backend.store()).await, items[1..]);
}

pub(crate) async fn a_dead_send_leaves_its_lane_and_is_replayed_at_its_end<B: Backend>() {
    let backend = B::open().await;
    let queued = queue(backend.store(), vec![send(1, 1), send(1, 2)]).await;
    let letter = dead(Origin::Send(queued[0].clone()));
    let notice = send(1, 3);
    let bury = Commit {
        sent: vec![queued[0].seq],
        dead: vec![letter.clone()],
        queued: vec![notice],
        ..Commit::default()
    };
    let (queued_again, _) = commit(backend.store(), bury).await;
    assert_eq!(waiting(backend.store(), 1).await, [queued[1].clone(), queued_again[0].clone()]);

    let id = dead_send(&queued[0]);
    let retry = Commit { retried: vec![id], queued: vec![send(1, 4)], ..Commit::default() };
    let (after, _) = commit(backend.store(), retry).await;
    let [fresh, back] = &*after else { panic!("{after:?}") };
    assert_eq!(back.queued, queued[0].queued);
    let expected: Vec<OutboxItem> =
        [&queued[1], &queued_again[0], fresh, back].into_iter().cloned().collect();
    let backend = backend.kill().await;
    assert_eq!(waiting(backend.store(), 1).await, expected);
    assert_eq!(backend.store().dead_letter(id).await.unwrap(), None);
}

pub(crate) async fn dead_letters_are_paged_found_and_dropped<B: Backend>() {
    let backend = B::open().await;
    let items = receive(backend.store(), &[update(1, 1)]).await;
    let queued = queue(backend.store(), (0..5).map(|message| send(1, message)).collect()).await;
    let mut letters: Vec<DeadLetter> =
        queued.into_iter().map(|item| dead(Origin::Send(item))).collect();
    letters.insert(0, dead(Origin::Update(items[0].clone())));
    commit(backend.store(), Commit { dead: letters.clone(), ..Commit::default() }).await;
    // A dead letter that is stored twice is kept once.
    commit(backend.store(), Commit { dead: letters.clone(), ..Commit::default() }).await;

    letters.sort_by_key(DeadLetter::id);
    let first = backend.store().dead(None, 4).await.unwrap();
    let rest = backend.store().dead(first.last().map(DeadLetter::id), 4).await.unwrap();
    assert_eq!((first.len(), rest.len()), (4, 2));
    assert_eq!([first, rest].concat(), letters);

    let id = letters[2].id();
    assert_eq!(backend.store().dead_letter(id).await.unwrap(), Some(letters[2].clone()));
    assert!(backend.store().drop_dead(id).await.unwrap());
    assert!(!backend.store().drop_dead(id).await.unwrap());
    assert_eq!(backend.store().dead_letter(id).await.unwrap(), None);
}

pub(crate) async fn unknown_dead_letters_are_skipped<B: Backend>() {
    let backend = B::open().await;
    let retry = Commit { retried: vec![DeadId(4), DeadId(5)], ..Commit::default() };
    assert_eq!(commit(backend.store(), retry).await, (vec![], vec![]));
}
