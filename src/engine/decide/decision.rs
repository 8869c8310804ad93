//! Decides one update: decodes it, loads its conversation and applies the rules. The result is a commit to be made.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    engine::Desk,
    telemetry::{Handler, Loop, Outcome, StoreOperation},
};
use domain::{
    Channel, ChatId, Context, Conversation, Decision, Effect, Event, Fact, FloodButton,
    FloodChoice, GroupKey, Incoming, Millis, OutboxLane, Pace, Press, Revision, Side, StaffAct,
    StaffEvent, Subject, UpdateId, UserId, Zones, decide,
};
use ports::{Commit, Queued, RawUpdate};

use super::{Deciding, handlers::handler};

/// A message counts as received late if its date is earlier than its receipt by more than this: dates are truncated to
/// seconds, and so are those by which Telegram's clock is known.
const LATE_RECEIPT: Duration = Duration::from_secs(2);
/// How long Telegram keeps an update for a bot that does not fetch it.
const KEPT_AT_TELEGRAM: Duration = Duration::from_hours(24);

/// Sends read at once to count what an operator drops.
const PAGE: usize = 500;

/// A decided update: its commit, and what is reported once that is written.
pub(super) struct Decided {
    pub commit: Commit,
    pub update: UpdateId,
    pub received: Millis,
    pub handler: Handler,
    pub outcome: Outcome,
    pub facts: Vec<Fact>,
    pub happened: Option<Millis>,
    /// The group that has moved, according to the update, and its id so far.
    pub moved: Option<(GroupKey, ChatId)>,
    /// The user's holds up to this moment, which an operator has ended.
    pub released: Option<(UserId, Millis)>,
    /// The user for whose conversation an operator has pressed *Try again*.
    pub pressed: Option<UserId>,
}

/// What the rules learn besides the event, the conversation and the time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Circumstances<'a> {
    /// The update, if the event comes from one.
    pub raw: Option<&'a str>,
    /// Whether the user writes faster than the rate.
    pub over_rate: bool,
    /// Number of the user's messages, edits and reactions that an operator drops.
    pub waiting: u32,
}

/// Why an update could not be decided.
pub(super) enum Poison {
    /// The update cannot be decoded.
    Undecodable(String),
    /// The conversation cannot be read or written.
    Unreadable(String),
    /// Our own code panics.
    Panic,
}

/// Decodes, loads and decides one update. `changed` holds the conversations that the batch has already changed.
pub(super) async fn decide_one(
    context: &Deciding,
    update: &RawUpdate,
    received: Millis,
    changed: &mut HashMap<UserId, Conversation>,
) -> Result<Decided, Poison> {
    let desk = &context.desk;
    let groups = desk.groups();
    let decoding = AssertUnwindSafe(|| context.decoder.decode(&update.raw, &groups));
    let Incoming { event, happened: date, .. } = match catch_unwind(decoding) {
        Ok(Ok(incoming)) => incoming,
        Ok(Err(error)) => return Err(Poison::Undecodable(error.to_string())),
        Err(_counted_by_the_hook) => return Err(Poison::Panic),
    };
    let happened = date.map(|date| desk.clock.of_telegram(date));
    let handler = handler(&event);
    let moved = if let Event::GroupMigrated(group) = event {
        Some((group, groups.chat(group)))
    } else {
        None
    };
    if let Event::Staff(StaffEvent { topic: Some(topic), .. }) = &event {
        desk.topics.seen(*topic, Instant::now());
    }
    let conversation = load(desk, &event, changed).await?;
    let known =
        conversation.as_ref().map(|conversation| (conversation.user, conversation.revision));
    let user = match (&event, known) {
        (Event::User(event), _) => event.user,
        (_, Some((user, _))) => user,
        // Strangers who ask in their own group wait for each other; they do not delay the desk.
        (Event::AskedForIds { chat, user, .. }, None) if groups.group(*chat).is_none() => *user,
        _ => UserId(0),
    };
    let expects = match (&event, known) {
        (_, Some(known)) => Some(known),
        (Event::User(event), None) => Some((event.user, Revision::default())),
        _ => None,
    };
    let circumstances = Circumstances {
        raw: Some(&update.raw),
        over_rate: is_over_rate(context, &event, update.update, happened.unwrap_or(received)),
        waiting: waiting_to_be_dropped(desk, &event, user).await,
    };
    let rules = AssertUnwindSafe(|| apply_rules(context, event, conversation, circumstances));
    let Ok(decision) = catch_unwind(rules) else { return Err(Poison::Panic) };
    let Decision { next, effects, retries, facts, hold_until, release, ignored } = decision;
    if let Some(next) = &next {
        let revision = Revision(next.revision.0 + 1);
        changed.insert(next.user, Conversation { revision, ..next.clone() });
    }
    let album_due = received.plus(desk.settings.album_window);
    let written = happened.and_then(|happened| received_late(happened, received));
    let queue = |mut effect: Effect| {
        if let Effect::Relay(relay) = &mut effect {
            relay.written = written;
        }
        let album = matches!(&effect, Effect::Relay(relay) if relay.album.is_some());
        let lane = effect.lane(user);
        let hold = hold_until.filter(|_| lane.channel == Channel::Topic);
        let not_before = hold.or_else(|| album.then_some(album_due));
        Queued { lane, effect, cause: update.update, received, not_before }
    };
    let pressed = (!retries.is_empty()).then_some(user);
    let commit = Commit {
        expects,
        conversation: next,
        queued: effects.into_iter().map(queue).collect(),
        retried: retries,
        ..Commit::default()
    };
    let outcome = if ignored { Outcome::Ignored } else { Outcome::Ok };
    let update = update.update;
    let released = release.map(|until| (user, until));
    Ok(Decided {
        commit,
        update,
        received,
        handler,
        outcome,
        facts,
        happened,
        moved,
        released,
        pressed,
    })
}

/// When a message was written, if it was received late.
fn received_late(written: Millis, received: Millis) -> Option<Millis> {
    let written = written.max(received.before(KEPT_AT_TELEGRAM));
    (received.since(written) > LATE_RECEIPT).then_some(written)
}

/// Whether an event's user writes faster than the rate.
fn is_over_rate(context: &Deciding, event: &Event, update: UpdateId, at: Millis) -> bool {
    let mut meter = context.meter.lock().unwrap_or_else(PoisonError::into_inner);
    meter.is_over_rate(event, update, at, context.desk.now())
}

/// Counts what a user has written and what has not reached the topic, if an operator drops that; otherwise 0.
async fn waiting_to_be_dropped(desk: &Desk, event: &Event, user: UserId) -> u32 {
    let Event::Staff(StaffEvent { act: StaffAct::Pressed { press, .. }, .. }) = event else {
        return 0;
    };
    let Press::Flood(FloodButton { choice: FloodChoice::Drop | FloodChoice::Ban, .. }) = press
    else {
        return 0;
    };
    let lane = OutboxLane { user, channel: Channel::Topic };
    let (mut count, mut after) = (0, None);
    loop {
        desk.heartbeats.beat(Loop::Worker);
        let read = desk.store.next(lane, after, PAGE);
        // It is dropped all the same; only the number that operators read is too low.
        let page = desk.stored(StoreOperation::Next, read).await.unwrap_or_default();
        count += page.iter().filter(|item| item.queued.effect.carries(Side::User)).count();
        after = page.last().map(|item| item.seq);
        if page.len() < PAGE {
            return u32::try_from(count).unwrap_or(u32::MAX);
        }
    }
}

/// Applies the rules to the current state.
pub(super) fn apply_rules(
    context: &Deciding,
    event: Event,
    conversation: Option<Conversation>,
    circumstances: Circumstances<'_>,
) -> Decision {
    let Deciding { desk, welcome, tracked, .. } = context;
    let Circumstances { raw, over_rate, waiting } = circumstances;
    let now = desk.now();
    let given = Context {
        now,
        scene: welcome.as_ref().map(|welcome| welcome.scene()),
        zones: welcome.as_deref().map(|welcome| welcome as &(dyn Zones + Sync)),
        language: desk.settings.default_language,
        tracked: raw.filter(|_| *tracked),
        pace: (desk.settings.flood > 0)
            .then_some(Pace { over_rate, times: desk.settings.hold_times }),
        waiting,
        rush: desk.rush.load(Ordering::Relaxed),
    };
    decide(event, conversation, &given)
}

/// Loads the conversation of an event. An unreadable conversation poisons only its own updates.
async fn load(
    desk: &Desk,
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
    let attempt = || {
        desk.heartbeats.beat(Loop::Worker);
        desk.store.load(subject)
    };
    let stored = desk.until_written(StoreOperation::Load, attempt).await;
    let stored = stored.map_err(Poison::Unreadable)?;
    Ok(stored.map(|stored| changed.get(&stored.user).unwrap_or(&stored).clone()))
}
