//! Small sample values to store.

use domain::{
    ChatId, ContentKind, Conversation, DeadId, Effect, Fingerprint, GroupKey, InboxLane, Link,
    MessageId, Millis, OutboxLane, PartitionSet, Profile, Relay, Revision, Seq, Side, Subject,
    Transfer, UpdateId, UserId,
};
use ports::{
    Commit, Committed, DeadLetter, GroupMove, InboxItem, Origin, OutboxItem, Queued, RawUpdate,
    Store, Written,
};

pub(crate) const NOW: Millis = Millis(1_790_000_000_000);

/// The sample time plus `by` milliseconds.
pub(crate) fn later(by: i64) -> Millis {
    Millis(NOW.0 + by)
}

pub(crate) fn update(number: i64, user: i64) -> RawUpdate {
    RawUpdate {
        update: UpdateId(number),
        lane: InboxLane::User(UserId(user)),
        raw: format!(r#"{{"update_id":{number}}}"#),
    }
}

pub(crate) fn conversation(user: i64) -> Conversation {
    let profile = Profile { name: format!("User {user}"), ..Profile::default() };
    Conversation::new(UserId(user), profile, NOW)
}

pub(crate) fn relay(message: i64) -> Effect {
    Effect::Relay(Relay::new(
        Side::User,
        MessageId(message),
        ContentKind::Text,
        Transfer::Copy,
        Fingerprint { text: 1, media: 2 },
    ))
}

/// A send that relays a user's message.
pub(crate) fn send(user: i64, message: i64) -> Queued {
    let effect = relay(message);
    Queued {
        lane: effect.lane(UserId(user)),
        effect,
        cause: UpdateId(message),
        received: later(message),
        not_before: None,
    }
}

pub(crate) fn lane(user: i64) -> OutboxLane {
    relay(0).lane(UserId(user))
}

pub(crate) fn link(user: i64, user_message: i64, staff_message: i64) -> Link {
    Link {
        user: UserId(user),
        user_message: MessageId(user_message),
        staff_message: MessageId(staff_message),
        origin: Side::User,
        fingerprint: Fingerprint { text: u32::MAX, media: 7 },
        at: NOW,
    }
}

/// The first group, -1 in the settings, has this id now.
pub(crate) fn moved(to: i64) -> GroupMove {
    GroupMove { group: GroupKey::FIRST, from: ChatId(-1), to: ChatId(to), at: NOW }
}

pub(crate) fn dead(origin: Origin) -> DeadLetter {
    DeadLetter { origin, reason: "refused".to_owned(), at: later(5) }
}

/// A commit that stores a conversation and expects this revision.
pub(crate) fn storing(mut conversation: Conversation, over: i64) -> Commit {
    conversation.revision = Revision(over);
    let expects = Some((conversation.user, conversation.revision));
    Commit { expects, conversation: Some(conversation), ..Commit::default() }
}

/// Stores updates, all of them new.
pub(crate) async fn receive(store: &impl Store, updates: &[RawUpdate]) -> Vec<InboxItem> {
    let received = store.receive(updates.to_vec(), None, NOW).await.unwrap();
    assert_eq!(received.duplicates, 0);
    received.items
}

/// Makes a commit that must succeed; returns the queued sends and the reopened lanes.
pub(crate) async fn commit(
    store: &impl Store,
    commit: Commit,
) -> (Vec<OutboxItem>, Vec<InboxItem>) {
    match &mut *store.commit(vec![commit]).await.unwrap() {
        [Committed::Done(Written { queued, reopened })] => {
            (std::mem::take(queued), std::mem::take(reopened))
        }
        other => panic!("the commit was not made: {other:?}"),
    }
}

pub(crate) async fn queue(store: &impl Store, sends: Vec<Queued>) -> Vec<OutboxItem> {
    commit(store, Commit { queued: sends, ..Commit::default() }).await.0
}

/// The stored conversation of a user.
pub(crate) async fn load(store: &impl Store, user: i64) -> Option<Conversation> {
    let found = store.load(Subject::User(UserId(user))).await.unwrap();
    found.map(|conversation| (*conversation).clone())
}

pub(crate) async fn waiting(store: &impl Store, user: i64) -> Vec<OutboxItem> {
    store.next(lane(user), None, 1000).await.unwrap()
}

pub(crate) async fn undecided(store: &impl Store) -> Vec<InboxItem> {
    store.undecided(PartitionSet::ALL, None, 1000).await.unwrap()
}

pub(crate) fn dead_update(item: &InboxItem) -> DeadId {
    DeadId::of_update(item.seq)
}

pub(crate) fn dead_send(item: &OutboxItem) -> DeadId {
    DeadId::of_send(item.seq)
}

pub(crate) fn seqs(items: &[OutboxItem]) -> Vec<Seq> {
    items.iter().map(|item| item.seq).collect()
}
