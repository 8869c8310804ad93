//! Promises of the commit.

use domain::{
    Language, MessageId, PartitionSet, Profile, Request, Revision, ScenePosition, Subject, Topic,
    TopicId, UserId, WelcomeRun,
};
use ports::{Commit, Committed, DeadLetters, Ledger, Origin, Outbox};

use crate::contract::{
    Backend,
    sample::{
        commit, conversation, dead, later, link, load, receive, send, storing, undecided, update,
        waiting,
    },
};

/// A commit that changes everything that a commit can change.
fn everything(seq: domain::Seq, over: i64) -> Commit {
    let mut next = conversation(1);
    next.topic.current = Topic::Open(TopicId(7));
    Commit {
        decided: Some(seq),
        queued: vec![send(1, 1), send(1, 2)],
        links: vec![link(1, 1, 100)],
        ..storing(next, over)
    }
}

pub(crate) async fn a_commit_is_atomic<B: Backend>() {
    let backend = B::open().await;
    let item = receive(backend.store(), &[update(1, 1)]).await.remove(0);
    let (queued, reopened) = commit(backend.store(), everything(item.seq, 0)).await;
    assert_eq!((queued.len(), reopened.len()), (2, 0));

    let backend = backend.kill().await;
    let store = backend.store();
    assert_eq!(undecided(store).await, []);
    assert_eq!(load(store, 1).await.unwrap().revision, Revision(1));
    assert_eq!(waiting(store, 1).await, queued);
    let found = store.link(domain::LinkKey::Staff(MessageId(100))).await.unwrap();
    assert_eq!(found, Some(link(1, 1, 100)));
}

pub(crate) async fn an_unknown_subject_has_no_conversation<B: Backend>() {
    let backend = B::open().await;
    for subject in [
        Subject::User(UserId(1)),
        Subject::Topic(TopicId(1)),
        Subject::StaffMessage(MessageId(1)),
        Subject::Nobody,
    ] {
        assert_eq!(backend.store().load(subject).await.unwrap(), None);
    }
}

pub(crate) async fn conversations_are_found_by_topic_and_message<B: Backend>() {
    let mut backend = B::open().await;
    let mut next = conversation(1);
    next.topic.current = Topic::Open(TopicId(7));
    let links = vec![link(1, 5, 50)];
    commit(backend.store(), Commit { links, ..storing(next.clone(), 0) }).await;
    let user = |found: Option<std::sync::Arc<_>>| {
        found.map(|found: std::sync::Arc<domain::Conversation>| found.user.0)
    };
    // First from the store's memory, then from its storage.
    for _ in 0..2 {
        let store = backend.store();
        assert_eq!(user(store.load(Subject::Topic(TopicId(7))).await.unwrap()), Some(1));
        let message = Subject::StaffMessage(MessageId(50));
        assert_eq!(user(store.load(message).await.unwrap()), Some(1));
        backend = backend.kill().await;
    }

    next.topic.current = Topic::Closed(TopicId(8));
    commit(backend.store(), storing(next.clone(), 1)).await;
    for _ in 0..2 {
        let store = backend.store();
        assert_eq!(user(store.load(Subject::Topic(TopicId(7))).await.unwrap()), None);
        assert_eq!(user(store.load(Subject::Topic(TopicId(8))).await.unwrap()), Some(1));
        backend = backend.kill().await;
    }
}

pub(crate) async fn conversations_are_found_by_a_former_topic<B: Backend>() {
    let mut backend = B::open().await;
    let mut first = conversation(1);
    first.topic.current = Topic::Open(TopicId(7));
    commit(backend.store(), storing(first.clone(), 0)).await;
    first.topic.current = Topic::None;
    first.topic.former = vec![TopicId(7)];
    commit(backend.store(), storing(first.clone(), 1)).await;
    first.topic.current = Topic::Open(TopicId(8));
    commit(backend.store(), storing(first.clone(), 2)).await;
    // First from the store's memory, then from its storage.
    for _ in 0..2 {
        for topic in [7, 8] {
            assert_eq!(owner(backend.store(), topic).await, Some(1), "{topic}");
        }
        assert_eq!(owner(backend.store(), 9).await, None);
        backend = backend.kill().await;
    }

    // The topic belongs to the second user now, whichever is written last.
    let mut second = conversation(2);
    second.topic.current = Topic::Open(TopicId(7));
    commit(backend.store(), storing(second.clone(), 0)).await;
    first.topic.card_hash = 9;
    commit(backend.store(), storing(first.clone(), 3)).await;
    for _ in 0..2 {
        assert_eq!(owner(backend.store(), 7).await, Some(2));
        backend = backend.kill().await;
    }

    // A topic that no conversation names any more finds no user.
    (first.topic.current, first.topic.former) = (Topic::None, vec![TopicId(8)]);
    commit(backend.store(), storing(first, 4)).await;
    second.topic.current = Topic::None;
    commit(backend.store(), storing(second, 1)).await;
    for _ in 0..2 {
        assert_eq!(owner(backend.store(), 8).await, Some(1));
        assert_eq!(owner(backend.store(), 7).await, None);
        backend = backend.kill().await;
    }
}

/// The user who has this topic or had it before.
async fn owner(store: &impl ports::Store, topic: i64) -> Option<i64> {
    let found = store.load(Subject::Topic(TopicId(topic))).await.unwrap();
    found.map(|found| found.user.0)
}

pub(crate) async fn a_stale_commit_writes_nothing<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    commit(store, storing(conversation(1), 0)).await;
    let items = receive(store, &[update(1, 1), update(2, 2)]).await;
    let before = load(store, 1).await;

    let outdated = Commit {
        dead: vec![dead(Origin::Update(items[1].clone()))],
        ..everything(items[0].seq, 0)
    };
    let fine = Commit { queued: vec![send(2, 9)], ..Commit::default() };
    let done = store.commit(vec![outdated, fine]).await.unwrap();
    assert_eq!(done[0], Committed::Stale);
    assert!(matches!(&done[1], Committed::Done(written) if written.queued.len() == 1));

    let backend = backend.kill().await;
    let store = backend.store();
    assert_eq!(undecided(store).await, items);
    assert_eq!(load(store, 1).await, before);
    assert_eq!(waiting(store, 1).await, []);
    assert_eq!(waiting(store, 2).await.len(), 1);
    assert_eq!(store.dead(None, 9).await.unwrap(), []);
    let key = domain::LinkKey::Staff(MessageId(100));
    assert_eq!(store.link(key).await.unwrap(), None);

    // An expected revision is checked even if the commit does not change that conversation.
    let expects = Some((UserId(1), Revision(7)));
    let guarded = Commit { expects, queued: vec![send(1, 1)], ..Commit::default() };
    assert_eq!(store.commit(vec![guarded]).await.unwrap(), [Committed::Stale]);
    assert_eq!(store.backlog(PartitionSet::ALL).await.unwrap().len(), 1);
}

pub(crate) async fn a_ban_is_not_undone_by_a_stale_commit<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    commit(store, storing(conversation(1), 0)).await;
    // Two workers read the same revision: one bans the user, the other relays a message and marks the user as waiting.
    let seen = load(store, 1).await.unwrap();
    let mut banned = seen.clone();
    banned.moderation.banned = true;
    let mut relayed = seen.clone();
    relayed.waiting_since = Some(later(3));
    commit(store, storing(banned, 1)).await;
    let late = Commit { queued: vec![send(1, 1)], ..storing(relayed, 1) };
    assert_eq!(store.commit(vec![late]).await.unwrap(), [Committed::Stale]);

    let now = load(store, 1).await.unwrap();
    assert!(now.moderation.banned, "after a stale commit, `load` returns the stored conversation");
    assert_eq!((now.revision, now.waiting_since), (Revision(2), None));
    assert_eq!(waiting(store, 1).await, []);

    let mut unbanned = now.clone();
    unbanned.moderation.banned = false;
    commit(store, storing(unbanned, 2)).await;
    assert!(!load(store, 1).await.unwrap().moderation.banned);
}

pub(crate) async fn later_commits_of_a_call_see_earlier_ones<B: Backend>() {
    let backend = B::open().await;
    let commits = vec![
        storing(conversation(1), 0),
        storing(conversation(1), 1),
        storing(conversation(1), 1),
        storing(conversation(1), 2),
    ];
    let done = backend.store().commit(commits).await.unwrap();
    let stale: Vec<_> = done.iter().map(|done| *done == Committed::Stale).collect();
    assert_eq!(
        stale,
        [false, false, true, true],
        "a commit after a stale one depends on it, so it is stale too"
    );
    assert_eq!(load(backend.store(), 1).await.unwrap().revision, Revision(2));
    assert_eq!(backend.store().commit(Vec::new()).await.unwrap(), []);
}

pub(crate) async fn a_new_conversation_must_expect_revision_zero<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    commit(store, storing(conversation(1), 0)).await;
    assert_eq!(store.commit(vec![storing(conversation(1), 0)]).await.unwrap(), [Committed::Stale]);
    assert_eq!(store.commit(vec![storing(conversation(2), 1)]).await.unwrap(), [Committed::Stale]);
    assert_eq!(load(store, 2).await, None);
    let unsaid = Commit { expects: None, ..storing(conversation(1), 0) };
    assert_eq!(store.commit(vec![unsaid]).await.unwrap(), [Committed::Stale]);
}

pub(crate) async fn a_repeated_commit_is_applied_once<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let item = receive(store, &[update(1, 1)]).await.remove(0);
    commit(store, everything(item.seq, 0)).await;
    assert_eq!(commit(store, everything(item.seq, 0)).await, (vec![], vec![]));
    let plain = Commit { decided: Some(item.seq), queued: vec![send(1, 9)], ..Commit::default() };
    assert_eq!(commit(store, plain).await, (vec![], vec![]));
    assert_eq!(waiting(store, 1).await.len(), 2);
    assert_eq!(load(store, 1).await.unwrap().revision, Revision(1));
}

pub(crate) async fn no_concurrent_change_is_lost<B: Backend>() {
    let backend = B::open().await;
    let store = backend.store();
    let raise = async |by: u32| {
        for _ in 0..by {
            loop {
                let mut next = load(store, 1).await.unwrap_or_else(|| conversation(1));
                let over = next.revision.0;
                next.topic.card_hash += 1;
                let done = store.commit(vec![storing(next, over)]).await.unwrap();
                if done != [Committed::Stale] {
                    break;
                }
            }
        }
    };
    tokio::join!(raise(25), raise(25), raise(25), raise(25));
    let backend = backend.kill().await;
    let all = load(backend.store(), 1).await.unwrap();
    assert_eq!((all.topic.card_hash, all.revision), (100, Revision(100)));
}

pub(crate) async fn a_conversation_is_stored_completely<B: Backend>() {
    let backend = B::open().await;
    let mut full = conversation(1 << 51);
    full.profile = Profile {
        name: "Zoë \u{0}\"\\ 🦀".to_owned(),
        username: Some("zoe".to_owned()),
        language_code: Some("pt-br".to_owned()),
    };
    full.language = Some(Language::Russian);
    full.topic.current = Topic::Closed(TopicId(i64::MAX >> 12));
    full.topic.former = vec![TopicId(5), TopicId(i64::MAX >> 13)];
    full.topic.title = Some(String::new());
    full.topic.card = Some(MessageId(3));
    full.topic.card_hash = u32::MAX;
    full.moderation.silent = true;
    full.moderation.silent_notice = Some(MessageId(4));
    full.reachable = false;
    full.waiting_since = Some(later(1));
    full.welcome.run =
        Some(WelcomeRun { number: 2, shape: u32::MAX, position: ScenePosition::Waiting(6) });
    full.welcome.due = Some(later(2));
    full.welcome.answers.insert("heard".to_owned(), "online".to_owned());
    full.welcome.zone = Some("Asia/Omsk".to_owned());
    full.request = Some(Request { nth: 2, number: Some(41), closed: true });
    full.welcome.unseen = vec!["<b>é</b>\n".to_owned()];
    commit(backend.store(), storing(full.clone(), 0)).await;
    let backend = backend.kill().await;
    full.revision = Revision(1);
    assert_eq!(load(backend.store(), full.user.0).await, Some(full));
}
