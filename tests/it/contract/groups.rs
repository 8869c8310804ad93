//! Promises about desks with several groups.

use domain::{ChatId, GroupKey, Link, LinkKey, MessageId, Millis, Subject, Topic, TopicId, UserId};
use ports::{
    Commit, DeskState as _, GroupMove, GroupRegistry, GroupRow, Ledger as _, Record,
    Retention as _, Store,
};

use super::{
    Archived, Backend, records,
    sample::{NOW, commit, conversation, later, link, storing},
};

fn key(number: u16) -> GroupKey {
    GroupKey::new(number).unwrap()
}

fn row(number: u16, chat: i64) -> GroupRow {
    let chat = ChatId(chat);
    GroupRow { group: key(number), configured: chat, chat, since: Millis(0) }
}

/// A link of the user's message to the message with this number in a group.
fn link_in(group: u16, user: i64, message: i64, number: i64) -> Link {
    let staff_message = MessageId::in_group(key(group), number);
    Link { staff_message, ..link(user, message, 0) }
}

async fn register(store: &impl Store, chats: &[i64]) -> GroupRegistry {
    let chats: Vec<ChatId> = chats.iter().copied().map(ChatId).collect();
    store.register_groups(&chats).await.unwrap()
}

async fn by_staff(store: &impl Store, link: &Link) -> Option<Link> {
    store.link(LinkKey::Staff(link.staff_message)).await.unwrap()
}

async fn by_user(store: &impl Store, link: &Link) -> Option<Link> {
    store.link(LinkKey::User(link.user, link.user_message)).await.unwrap()
}

pub(crate) async fn a_group_gets_one_number_for_ever<B: Backend>() {
    let mut backend = B::open().await;
    assert_eq!(register(backend.store(), &[]).await, GroupRegistry::default());
    for _ in 0..2 {
        let two = register(backend.store(), &[-10, -20]).await;
        assert_eq!(two.0, [row(1, -10), row(2, -20)]);
        backend = backend.kill().await;
    }
    let three = register(backend.store(), &[-20, -30]).await;
    assert_eq!(three.0, [row(1, -10), row(2, -20), row(3, -30)]);
    let backend = backend.reopen().await;
    assert_eq!(register(backend.store(), &[]).await, three);
}

/// Groups number their messages and topics alike.
pub(crate) async fn equal_numbers_in_two_groups_are_told_apart<B: Backend>() {
    let mut backend = B::open().await;
    register(backend.store(), &[-10]).await;
    let (first, second) = (link_in(0, 1, 5, 100), link_in(1, 2, 5, 100));
    let later_copy = Link { at: later(9), ..link_in(1, 1, 5, 101) };
    let links = vec![first, second, later_copy];
    commit(backend.store(), Commit { links, ..Commit::default() }).await;
    for (user, group) in [(1, 0), (2, 1)] {
        let mut one = conversation(user);
        one.topic.group = key(group);
        one.topic.current = Topic::Open(TopicId::in_group(key(group), 7));
        one.topic.former = vec![TopicId::in_group(key(1 - group), 8)];
        commit(backend.store(), storing(one, 0)).await;
    }
    for _ in 0..2 {
        let store = backend.store();
        assert_eq!(by_staff(store, &first).await, Some(first));
        assert_eq!(by_staff(store, &second).await, Some(second));
        assert_eq!(by_user(store, &second).await, Some(second));
        assert_eq!(by_user(store, &first).await, Some(later_copy), "the newest of both groups");
        for (group, topic, user) in [(0, 7, 1), (1, 7, 2), (1, 8, 1), (0, 8, 2)] {
            let subject = Subject::Topic(TopicId::in_group(key(group), topic));
            let found = store.load(subject).await.unwrap().unwrap();
            assert_eq!(found.user, UserId(user), "topic {topic} of group {group}");
        }
        let subject = Subject::StaffMessage(second.staff_message);
        assert!(store.load(subject).await.unwrap().is_some_and(|one| one.user == UserId(2)));
        backend = backend.kill().await;
    }
}

pub(crate) async fn a_migration_concerns_the_links_of_its_group_only<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    register(store, &[-10, -20]).await;
    let all = [0, 1, 2].map(|group| link_in(group, i64::from(group) + 1, 5, 100));
    commit(store, Commit { links: all.to_vec(), ..Commit::default() }).await;
    let moves = async |group, from, to| {
        let (from, to, at) = (ChatId(from), ChatId(to), later(5));
        let moved = GroupMove { group: key(group), from, to, at };
        // Telegram reports it twice: once in the old group, once in the new one.
        for _ in 0..2 {
            commit(store, Commit { group: Some(moved), ..Commit::default() }).await;
        }
    };
    moves(1, -10, -11).await;
    assert_eq!(by_staff(store, &all[0]).await, Some(all[0]));
    assert_eq!((by_staff(store, &all[1]).await, by_user(store, &all[1]).await), (None, None));
    assert_eq!(by_staff(store, &all[2]).await, Some(all[2]));
    let new = Link { at: later(6), ..link_in(1, 2, 6, 100) };
    commit(store, Commit { links: vec![new], ..Commit::default() }).await;

    moves(0, -1, -2).await;
    assert_eq!((by_staff(store, &all[0]).await, by_user(store, &all[0]).await), (None, None));
    let backend = backend.reopen().await;
    let store = backend.store();
    assert_eq!(by_staff(store, &new).await, Some(new));
    assert_eq!(by_user(store, &all[2]).await, Some(all[2]));
    let rows = register(store, &[]).await.0;
    assert_eq!(rows[0], GroupRow { chat: ChatId(-11), since: later(5), ..row(1, -10) });
    assert_eq!(rows[1], row(2, -20));
    assert_eq!(store.notebook().await.unwrap().group, Some(ChatId(-2)));
}

pub(crate) async fn old_links_of_every_group_are_forgotten<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    register(store, &[-10]).await;
    let old = |group| (0..40).map(move |n| Link { at: Millis(n), ..link_in(group, 1, n, n + 1) });
    let links: Vec<Link> = old(0).chain(old(1)).collect();
    let young = [link_in(0, 1, 500, 500), link_in(1, 1, 501, 500)];
    let links = [links, young.to_vec()].concat();
    commit(store, Commit { links, ..Commit::default() }).await;
    let mut gone = 0;
    loop {
        let step = store.forget(NOW, Millis(0)).await.unwrap();
        if step == 0 {
            break;
        }
        gone += step;
    }
    assert_eq!(gone, 80);
    for link in old(1).take(3) {
        assert_eq!((by_staff(store, &link).await, by_user(store, &link).await), (None, None));
    }
    for link in young {
        assert_eq!(by_staff(store, &link).await, Some(link));
    }
}

pub(super) async fn groups_and_their_links_are_in_snapshots<B: Archived>() {
    let backend = B::open().await;
    let store = backend.store();
    register(store, &[-10, -20]).await;
    let moved = GroupMove { group: key(2), from: ChatId(-20), to: ChatId(-21), at: NOW };
    commit(store, Commit { group: Some(moved), ..Commit::default() }).await;
    let links = vec![link_in(0, 1, 5, 100), link_in(1, 2, 5, 100), link_in(2, 3, 5, 2_100)];
    commit(store, Commit { links: links.clone(), ..Commit::default() }).await;
    let mut one = conversation(2);
    one.topic.group = key(1);
    one.topic.current = Topic::Open(TopicId::in_group(key(1), 7));
    commit(store, storing(one, 0)).await;

    let before = records(backend.snapshot().await).await;
    let other = B::filled(&mut backend.snapshot().await).await;
    assert_eq!(register(other.store(), &[]).await, register(store, &[]).await);
    for link in &links {
        assert_eq!(by_staff(other.store(), link).await, Some(*link));
        assert_eq!(by_user(other.store(), link).await, Some(*link));
    }
    let topic = Subject::Topic(TopicId::in_group(key(1), 7));
    let found = other.store().load(topic).await.unwrap().unwrap();
    assert_eq!((found.user, found.topic.group), (UserId(2), key(1)));
    let of = |records: &[Record]| {
        let wanted = |record: &&Record| matches!(record, Record::Group(_) | Record::Link(_));
        records.iter().filter(wanted).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of(&records(other.snapshot().await).await), of(&before));
    assert_eq!(of(&before).len(), 5);
}
