//! Promises about links and about forgetting.

use domain::{ChatId, Fingerprint, Link, LinkKey, MessageId, Millis, Side, UserId};
use ports::{Commit, DeskState as _, Inbox, Retention as _, Store};

use crate::contract::{
    Backend,
    sample::{NOW, commit, later, link, moved, receive, undecided, update},
};

async fn learn(store: &impl Store, links: Vec<Link>) {
    commit(store, Commit { links, ..Commit::default() }).await;
}

async fn by_user(store: &impl Store, user: i64, message: i64) -> Option<Link> {
    store.link(LinkKey::User(UserId(user), MessageId(message))).await.unwrap()
}

async fn by_staff(store: &impl Store, message: i64) -> Option<Link> {
    store.link(LinkKey::Staff(MessageId(message))).await.unwrap()
}

pub(crate) async fn links_are_found_from_both_sides<B: Backend>() {
    let mut backend = B::open().await;
    let other = Link { origin: Side::Staff, ..link(2, 5, 101) };
    learn(backend.store(), vec![link(1, 5, 100), other]).await;
    // First from the store's memory, then from its storage.
    for _ in 0..2 {
        let store = backend.store();
        assert_eq!(by_user(store, 1, 5).await, Some(link(1, 5, 100)));
        assert_eq!(by_staff(store, 100).await, Some(link(1, 5, 100)));
        assert_eq!(by_user(store, 2, 5).await, Some(other));
        assert_eq!(by_staff(store, 101).await, Some(other));
        assert_eq!(by_user(store, 1, 6).await, None);
        assert_eq!(by_staff(store, 5).await, None);
        backend = backend.kill().await;
    }
}

pub(crate) async fn a_known_link_gets_the_new_contents<B: Backend>() {
    let mut backend = B::open().await;
    learn(backend.store(), vec![link(1, 5, 100)]).await;
    assert_eq!(by_user(backend.store(), 1, 5).await, Some(link(1, 5, 100)));
    let edited = Link { fingerprint: Fingerprint { text: 9, media: 9 }, ..link(1, 5, 100) };
    learn(backend.store(), vec![edited]).await;
    for _ in 0..2 {
        assert_eq!(by_user(backend.store(), 1, 5).await, Some(edited));
        assert_eq!(by_staff(backend.store(), 100).await, Some(edited));
        backend = backend.kill().await;
    }
}

pub(crate) async fn the_newest_copy_is_found<B: Backend>() {
    let mut backend = B::open().await;
    // Both the user's message 5 and the operators' message 200 were copied twice.
    let again = Link { at: later(9), ..link(1, 5, 110) };
    let answer = Link { origin: Side::Staff, ..link(1, 6, 200) };
    let answer_again = Link { at: later(9), origin: Side::Staff, ..link(1, 7, 200) };
    learn(backend.store(), vec![link(1, 5, 100), answer]).await;
    learn(backend.store(), vec![again, answer_again]).await;
    for _ in 0..2 {
        let store = backend.store();
        assert_eq!(by_user(store, 1, 5).await, Some(again));
        assert_eq!(
            by_staff(store, 100).await,
            Some(link(1, 5, 100)),
            "links of older copies are still found"
        );
        assert_eq!(by_staff(store, 110).await, Some(again));
        assert_eq!(by_staff(store, 200).await, Some(answer_again));
        assert_eq!(by_user(store, 1, 6).await, Some(answer));
        backend = backend.kill().await;
    }
}

pub(crate) async fn a_group_migration_deletes_links<B: Backend>() {
    let backend = B::open().await;
    let group = Some(moved(-100));
    learn(backend.store(), vec![link(1, 5, 100)]).await;
    let links = vec![link(1, 6, 1)];
    commit(backend.store(), Commit { group, links, ..Commit::default() }).await;
    assert_eq!(by_staff(backend.store(), 100).await, None);
    assert_eq!(by_user(backend.store(), 1, 5).await, None);

    // Telegram reports the move twice: once in the old group, once in the new one.
    commit(backend.store(), Commit { group, ..Commit::default() }).await;
    let backend = backend.reopen().await;
    assert_eq!(by_staff(backend.store(), 100).await, None);
    assert_eq!(by_staff(backend.store(), 1).await, Some(link(1, 6, 1)));
    let notebook = backend.store().notebook().await.unwrap();
    assert_eq!(notebook.group, Some(ChatId(-100)));
    assert_eq!(notebook.group_moved_from, Some(ChatId(-1)));
}

pub(crate) async fn old_links_are_deleted_in_steps<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let old = (0..1200).map(|number| Link { at: Millis(number), ..link(1, number, number) });
    learn(store, old.collect()).await;
    learn(store, vec![link(1, 5000, 5000)]).await;
    assert!(by_staff(store, 7).await.is_some());

    let (mut steps, mut gone) = (0, 0);
    loop {
        let step = store.forget(NOW, Millis(0)).await.unwrap();
        if step == 0 {
            break;
        }
        (steps, gone) = (steps + 1, gone + step);
    }
    assert_eq!(gone, 1200);
    assert!(steps > 1, "it forgets in small steps");
    assert_eq!(by_staff(store, 7).await, None);
    assert_eq!(by_user(store, 1, 1199).await, None);
    assert_eq!(by_staff(store, 5000).await, Some(link(1, 5000, 5000)));
}

pub(crate) async fn deleted_updates_count_as_new<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let item = receive(store, &[update(1, 1)]).await.remove(0);
    commit(store, Commit { decided: Some(item.seq), ..Commit::default() }).await;
    assert_eq!(
        store.forget(Millis(0), NOW).await.unwrap(),
        0,
        "only entries before this moment are forgotten"
    );
    assert_eq!(store.forget(Millis(0), later(1)).await.unwrap(), 1);
    assert_eq!(receive(store, &[update(1, 1)]).await.len(), 1);
}

pub(crate) async fn undecided_updates_are_never_deleted<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    receive(store, &[update(1, 1)]).await;
    assert_eq!(store.forget(Millis(i64::MAX), Millis(i64::MAX)).await.unwrap(), 0);
    let again = store.receive(vec![update(1, 1)], None, NOW).await.unwrap();
    assert_eq!(again.duplicates, 1);
    assert_eq!(undecided(store).await.len(), 1);
}
