//! One update: decoded, its conversation loaded, decided. What comes out is a commit, not yet made.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::time::Instant;

use crate::{
    domain::{
        Conversation, Decision, Effect, Event, Fact, Incoming, Millis, Revision, StaffEvent,
        Subject, UserId, decide,
    },
    ports::{Commit, InboxItem, Queued, Store, StoreError},
    telemetry::{Handler, Loop, Outcome, StoreOperation},
};

use super::{Desk, handlers::handler};

/// An update decided, to be committed.
pub(super) struct Decided {
    pub item: InboxItem,
    pub handler: Handler,
    pub commit: Commit,
    pub facts: Vec<Fact>,
    pub outcome: Outcome,
    pub happened: Option<Millis>,
}

/// Why an update was not decided.
pub(super) enum Poison {
    /// The update cannot be decoded.
    Undecodable(String),
    /// The conversation cannot be read, or written.
    Unreadable(String),
    /// Our own code panics.
    Panic,
}

/// Decodes, loads and decides one update. `changed` holds what the batch has changed already.
pub(super) async fn decide_one<S: Store, M>(
    desk: &Desk<S, M>,
    item: &InboxItem,
    changed: &mut HashMap<UserId, Conversation>,
) -> Result<Decided, Poison> {
    let decoding = AssertUnwindSafe(|| desk.decoder.decode(&item.update.raw, desk.group()));
    let Incoming { event, happened, .. } = match catch_unwind(decoding) {
        Ok(Ok(incoming)) => incoming,
        Ok(Err(error)) => return Err(Poison::Undecodable(error.to_string())),
        Err(_counted_by_the_hook) => return Err(Poison::Panic),
    };
    let handler = handler(&event);
    if let Event::Staff(StaffEvent { topic: Some(topic), .. }) = &event {
        desk.topics.seen(*topic, Instant::now());
    }
    let conversation = load(desk, &event, changed).await?;
    let known =
        conversation.as_ref().map(|conversation| (conversation.user, conversation.revision));
    let user = match (&event, known) {
        (Event::User(event), _) => event.user,
        (_, Some((user, _))) => user,
        // Strangers who ask in a group of their own wait for each other, not the desk for them.
        (Event::AskedForIds { chat, user, .. }, None) if *chat != desk.group() => *user,
        _ => UserId(0),
    };
    let expects = match (&event, known) {
        (_, Some(known)) => Some(known),
        (Event::User(event), None) => Some((event.user, Revision::default())),
        _ => None,
    };
    let now = desk.now();
    let rules = AssertUnwindSafe(|| decide(event, conversation, now));
    let Ok(decision) = catch_unwind(rules) else { return Err(Poison::Panic) };
    let Decision { next, effects, retries, group, facts, ignored } = decision;
    if let Some(next) = &next {
        let revision = Revision(next.revision.0 + 1);
        changed.insert(next.user, Conversation { revision, ..next.clone() });
    }
    let album_due = item.received.plus(desk.settings.album_window);
    let queue = |effect: Effect| {
        let album = matches!(&effect, Effect::Relay(relay) if relay.album.is_some());
        let not_before = album.then_some(album_due);
        Queued {
            lane: effect.lane(user),
            effect,
            cause: item.update.update,
            received: item.received,
            not_before,
        }
    };
    let commit = Commit {
        decided: Some(item.seq),
        expects,
        conversation: next,
        queued: effects.into_iter().map(queue).collect(),
        retried: retries,
        group: group.map(|to| desk.group_move(to)),
        ..Commit::default()
    };
    let outcome = if ignored { Outcome::Ignored } else { Outcome::Ok };
    Ok(Decided { item: item.clone(), handler, commit, facts, outcome, happened })
}

/// The conversation that an event is about. One that cannot be read poisons its own updates only.
async fn load<S: Store, M>(
    desk: &Desk<S, M>,
    event: &Event,
    changed: &HashMap<UserId, Conversation>,
) -> Result<Option<Conversation>, Poison> {
    let subject = event.subject();
    if let Subject::User(user) = subject
        && let Some(conversation) = changed.get(&user)
    {
        return Ok(Some(conversation.clone()));
    }
    if subject == Subject::Nobody {
        return Ok(None);
    }
    let attempt = || async {
        desk.heartbeats.beat(Loop::Worker);
        match desk.store.load(subject).await {
            Err(StoreError::Corrupt(why)) => Ok(Err(Poison::Unreadable(why))),
            answer => answer.map(Ok),
        }
    };
    let stored = desk.until_stored(StoreOperation::Load, attempt).await?;
    Ok(stored.map(|stored| changed.get(&stored.user).unwrap_or(&stored).clone()))
}
