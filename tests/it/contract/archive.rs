//! Promises about snapshots: reading everything out of a store and into another one.

use std::collections::HashSet;

use domain::{
    ChatId, Conversation, DeadId, Link, LinkKey, MessageId, PartitionSet, Request, Seq, Side,
    Subject, Topic, TopicId, UpdateId, UserId,
};
use ports::{
    Commit, DeadLetters, DeskState as _, Imported, Inbox, InboxItem, Ledger, Origin, Queued,
    Record, RecordCounts, RequestNumbers as _, Snapshot, Store, StoreFigures,
};

use super::{
    Archived,
    sample::{
        NOW, commit, conversation, dead, later, link, load, moved, queue, receive, send, storing,
        undecided, update, waiting,
    },
};

/// All records, in reading order.
pub(crate) async fn records(mut snapshot: impl Snapshot) -> Vec<Record> {
    let mut records = Vec::new();
    loop {
        let page = snapshot.page().await.unwrap();
        if page.is_empty() {
            return records;
        }
        assert!(page.len() <= 1000, "a page has a maximum size");
        records.extend(page);
    }
}

/// Fills a store with values of each kind, more of some than one page holds; returns the ids of the dead letters.
pub(crate) async fn everything(store: &impl Store) -> Vec<DeadId> {
    let group = Some(moved(-100));
    commit(store, Commit { group, ..Commit::default() }).await;
    for user in 1..=250 {
        commit(store, storing(conversation(user), 0)).await;
    }
    let mut waits = conversation(1);
    waits.waiting_since = Some(later(3));
    waits.topic.current = Topic::Open(TopicId(7));
    waits.welcome.due = Some(later(90));
    waits.request = Some(Request { nth: 1, number: None, closed: false });
    commit(store, storing(waits, 1)).await;
    let mut banned = conversation(2);
    banned.moderation.banned = true;
    banned.topic.current = Topic::Closed(TopicId(8));
    // The first of these topics belongs to another user now.
    banned.topic.former = vec![TopicId(7), TopicId(6)];
    commit(store, storing(banned, 1)).await;

    store.remember_import(Imported { users: 250, at: later(4) }).await.unwrap();

    // The conversation of one user is in the snapshot; the other user has none.
    for user in [1, 3] {
        store.request(UserId(user), 1).await.unwrap();
    }

    // Two copies of each.
    let links = (0..450).map(|number| link(1 + number / 2 % 9, number / 2, 500 + number));
    let answer = Link { origin: Side::Staff, at: later(9), ..link(1, 900, 1901) };
    commit(store, Commit { links: links.chain([answer]).collect(), ..Commit::default() }).await;

    let batch: Vec<_> = (1..=300).map(|number| update(number, number % 7)).collect();
    let received = store.receive(batch, Some(UpdateId(301)), NOW).await.unwrap().items;
    for item in &received[..40] {
        commit(store, Commit { decided: Some(item.seq), ..Commit::default() }).await;
    }
    store.failed(received[50].seq, 2).await.unwrap();
    // An update without an id of Telegram's, whose text is not JSON.
    let odd = ports::RawUpdate { raw: "é\u{0}\n\"".to_owned(), ..update(-77, 1) };
    store.receive(vec![odd], None, later(1)).await.unwrap();

    let album = Queued { not_before: Some(later(700)), ..send(3, 5000) };
    let sends = (0..450).map(|message| send(message % 5, message)).chain([album]);
    let queued = queue(store, sends.collect()).await;
    let failed = InboxItem { attempts: 3, ..received[60].clone() };
    let letters = [
        dead(Origin::Update(failed)),
        dead(Origin::Send(queued[0].clone())),
        dead(Origin::Send(queued[450].clone())),
    ];
    let ids = letters.iter().map(ports::DeadLetter::id).collect();
    let sent = vec![queued[0].seq, queued[450].seq, queued[7].seq];
    commit(store, Commit { dead: letters.to_vec(), sent, ..Commit::default() }).await;
    ids
}

pub(super) async fn a_snapshot_can_be_restored_into_another_store<B: Archived>() {
    let backend = B::open().await;
    everything(backend.store()).await;
    let held = records(backend.snapshot().await).await;
    let mut tally = RecordCounts::default();
    for record in &held {
        tally.count(record);
    }
    let expected = RecordCounts {
        conversations: 250,
        links: 451,
        known: 301,
        updates: 260,
        sends: 448,
        dead: 3,
    };
    assert_eq!(tally, expected);
    assert!(matches!(held[0], Record::Facts(_)), "{:?}", held[0]);

    let other = B::filled(&mut backend.snapshot().await).await;
    assert_eq!(records(other.snapshot().await).await, held);
    let other = other.kill().await;
    assert_eq!(records(other.snapshot().await).await, held);
}

pub(super) async fn a_snapshot_includes_request_numbers_that_no_conversation_has_yet<
    B: Archived,
>() {
    let backend = B::open().await;
    let store = backend.store();
    let request = |nth, number| Some(Request { nth, number, closed: false });
    for (user, known) in [(1, request(1, None)), (2, request(2, None)), (3, None)] {
        let asks = Conversation { request: known, ..conversation(user) };
        commit(store, storing(asks, 0)).await;
    }
    assert_eq!(store.request(UserId(2), 1).await.unwrap(), 1);
    assert_eq!(store.request(UserId(1), 1).await.unwrap(), 2);
    let other = B::filled(&mut backend.snapshot().await).await;
    let requests = async |user| load(other.store(), user).await.unwrap().request;
    assert_eq!(requests(1).await, request(1, Some(2)));
    assert_eq!(requests(2).await, request(2, None), "the number belongs to an earlier request");
    assert_eq!(requests(3).await, None);
    assert_eq!(other.store().request(UserId(2), 2).await.unwrap(), 3);
}

pub(super) async fn a_restored_store_works_like_the_original<B: Archived>() {
    let backend = B::open().await;
    let ids = everything(backend.store()).await;
    let other = B::filled(&mut backend.snapshot().await).await;
    let (old, new) = (backend.store(), other.store());

    // The size covers the whole server, so it changes from one moment to the next.
    let known = |figures| StoreFigures { bytes: 0, ..figures };
    assert_eq!(known(new.figures().await.unwrap()), known(old.figures().await.unwrap()));
    assert_eq!(new.due(PartitionSet::ALL, later(90), 2).await.unwrap(), [UserId(1)]);
    assert_eq!(new.request(UserId(250), 1).await.unwrap(), 3, "the numbers continue");
    let notebook = new.notebook().await.unwrap();
    assert_eq!(notebook.offset, Some(UpdateId(301)));
    assert_eq!((notebook.group, notebook.group_moved_from), (Some(ChatId(-100)), Some(ChatId(-1))));
    assert_eq!(notebook.imported, Some(Imported { users: 250, at: later(4) }));
    assert!(load(new, 2).await.unwrap().moderation.banned);
    for (topic, user) in [(7, 1), (8, 2), (6, 2)] {
        let found = new.load(Subject::Topic(TopicId(topic))).await.unwrap().unwrap();
        assert_eq!(found.user, UserId(user), "topic {topic}");
    }
    for user in 0..5 {
        assert_eq!(waiting(new, user).await, waiting(old, user).await);
    }
    assert_eq!(undecided(new).await, undecided(old).await);
    let answered = LinkKey::Staff(MessageId(1901));
    assert_eq!(new.link(answered).await.unwrap(), old.link(answered).await.unwrap());
    let batch = (1..=300).map(|number| update(number, 1)).collect();
    assert_eq!(new.receive(batch, None, later(5)).await.unwrap().duplicates, 300);

    // The button under a notice names a dead letter, so the ids must be equal.
    assert_eq!(new.dead(None, 10).await.unwrap(), old.dead(None, 10).await.unwrap());
    let retry = Commit { retried: ids, ..Commit::default() };
    let (queued, reopened) = commit(new, retry).await;
    assert_eq!((queued.len(), reopened.len()), (2, 1));
    assert_eq!(waiting(new, 3).await.last(), queued.last(), "the send is at the end of its lane");
}

pub(super) async fn sequence_numbers_continue_after_a_restore<B: Archived>() {
    let backend = B::open().await;
    everything(backend.store()).await;
    // Nothing in the store has these numbers any more, but a button may name them.
    let gone = queue(backend.store(), vec![send(1, 1)]).await.remove(0);
    commit(backend.store(), Commit { sent: vec![gone.seq], ..Commit::default() }).await;
    let mut given: HashSet<Seq> = HashSet::from([gone.seq]);
    for record in records(backend.snapshot().await).await {
        match record {
            Record::Update(item) => given.insert(item.seq),
            Record::Send(item) => given.insert(item.seq),
            Record::Dead(letter) => given.insert(letter.seq()),
            Record::Facts(_)
            | Record::Group(_)
            | Record::Conversation(_)
            | Record::Link(_)
            | Record::Known(_) => false,
        };
    }
    let other = B::filled(&mut backend.snapshot().await).await;
    // A desk does the same at its start: it reads what waits before it decides anything new.
    undecided(other.store()).await;
    let item = receive(other.store(), &[update(9_000, 1)]).await.remove(0);
    let sent = queue(other.store(), vec![send(1, 9_000)]).await.remove(0);
    assert!(!given.contains(&item.seq) && !given.contains(&sent.seq), "{item:?} {sent:?}");
    assert_eq!(
        waiting(other.store(), 1).await.last(),
        Some(&sent),
        "the new sends are behind those that waited"
    );
    assert_eq!(undecided(other.store()).await.last(), Some(&item));
}

pub(super) async fn a_snapshot_is_consistent<B: Archived>() {
    let backend = B::open().await;
    let store = backend.store();
    everything(store).await;
    let before = records(backend.snapshot().await).await;
    let mut snapshot = backend.snapshot().await;
    let mut read = snapshot.page().await.unwrap();
    // Every kind of record changes during the snapshot, including the kinds that are read last.
    let first = undecided(store).await.remove(0);
    commit(store, Commit { decided: Some(first.seq), ..Commit::default() }).await;
    receive(store, &[update(9_000, 1)]).await;
    commit(store, storing(conversation(999), 0)).await;
    let gone = waiting(store, 1).await.remove(0).seq;
    let change = Commit {
        queued: vec![send(1, 9_000)],
        sent: vec![gone],
        links: vec![link(1, 9_000, 9_000)],
        retried: vec![store.dead(None, 1).await.unwrap()[0].id()],
        ..Commit::default()
    };
    commit(store, change).await;
    read.extend(records(snapshot).await);
    assert_eq!(read, before);
    assert_ne!(records(backend.snapshot().await).await, before);
}

pub(super) async fn only_an_empty_store_accepts_a_restore<B: Archived>() {
    // A store that was opened and closed but never used is still empty.
    let (backend, refused) = B::open().await.refusal().await;
    assert_eq!(refused, None);
    receive(backend.store(), &[update(1, 1)]).await;
    let before = records(backend.snapshot().await).await;
    let (backend, refused) = backend.refusal().await;
    assert!(refused.is_some());
    assert_eq!(records(backend.snapshot().await).await, before);
}
