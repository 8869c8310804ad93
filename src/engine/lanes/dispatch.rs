//! Dispatches: which lane is next, what it does, and how it goes on afterwards.

use std::collections::VecDeque;

use tokio::time::Instant;

use domain::{Class, Effect, GroupKey, Millis, NewsletterCall, NewsletterSend, OutboxLane, Seq};
use ports::OutboxItem;

use super::{
    batch::{ALBUM_LIMIT, BATCH_LIMIT, album, head_batch, superseded},
    destination::Destination,
    hints::Hints,
    hold,
    lane::{Lane, LaneState},
    lane_set::{LaneLimits, Lanes},
    throttle_time::{QueueKind, ThrottledTimes},
    times::LimitClocks,
};

/// Number of sends that are read to find out in which class a lane waits.
const FIRST_READ: usize = ALBUM_LIMIT;

/// The next action of a lane.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Dispatch {
    /// Read more sends of the lane from the store, after this one, at most this many. Sends that are in the store but
    /// not added here yet must not be counted twice.
    Load(OutboxLane, Option<Seq>, usize),
    /// Make a call for these sends.
    Send {
        lane: OutboxLane,
        /// The batch at its head.
        batch: Vec<OutboxItem>,
        /// How long limits have throttled each of the sends.
        throttled: ThrottledTimes,
        /// Hints from earlier attempts.
        hints: Hints,
    },
}

impl Dispatch {
    /// Slots that the call needs.
    pub(in crate::engine) fn slots(&self) -> usize {
        match self {
            Self::Load(..) => 0,
            Self::Send { batch, .. } => match batch.first().map(|item| &item.queued.effect) {
                // One call does them all.
                Some(Effect::Refresh | Effect::Panel(_)) => 1,
                _ => batch.iter().map(|item| item.queued.effect.size()).sum(),
            },
        }
    }
}

impl Lanes {
    /// The ready lanes of a class to a place.
    pub(super) fn queue(&self, class: Class, place: Destination) -> Option<&VecDeque<OutboxLane>> {
        self.ready.get(place).map(|queues| &queues[class as usize])
    }

    pub(super) fn queue_mut(
        &mut self,
        class: Class,
        place: Destination,
    ) -> &mut VecDeque<OutboxLane> {
        &mut self.ready.of(place)[class as usize]
    }

    /// Number of ready lanes of a class to a place.
    pub(in crate::engine) fn ready(&self, class: Class, place: Destination) -> usize {
        self.queue(class, place).map_or(0, VecDeque::len)
    }

    /// The next lane of a class to be dispatched, among those to a place.
    pub(in crate::engine) fn peek(&self, class: Class, place: Destination) -> Option<OutboxLane> {
        self.queue(class, place).and_then(|queue| queue.front().copied())
    }

    /// Whether the newsletter at the front of a class goes as a paid broadcast.
    pub(in crate::engine) fn is_paid(&self, class: Class) -> bool {
        self.front(class, Destination::Users).and_then(|lane| lane.loaded.front()).is_some_and(
            |item| {
                let Effect::Newsletter(NewsletterSend {
                    act: NewsletterCall::Deliver { letter, .. },
                    ..
                }) = &item.queued.effect
                else {
                    return false;
                };
                letter.paid
            },
        )
    }

    fn front(&self, class: Class, place: Destination) -> Option<&Lane> {
        self.peek(class, place).and_then(|key| self.known.get(&key))
    }

    /// Slots that the lane at the front of a class needs. An album is one call, and a topic is opened by one.
    pub(in crate::engine) fn slots_wanted(&self, class: Class, place: Destination) -> usize {
        if class == Class::Opening {
            return 1;
        }
        let lane = self.front(class, place);
        let head = lane.and_then(|lane| lane.loaded.front());
        let single = || head.map_or(1, |item| item.queued.effect.size());
        lane.filter(|lane| lane.loaded.front().is_some_and(|item| album(item).is_some()))
            .map_or_else(single, |lane| head_batch(&lane.loaded, lane.hints, 1).len().max(1))
    }

    /// Dispatches the lane that [`Lanes::peek`] names, with at most `slots` sends. `None` if it must first wait for
    /// the rest of an album.
    pub(in crate::engine) fn dispatch(
        &mut self,
        class: Class,
        place: Destination,
        slots: usize,
        now: Instant,
        wall: Millis,
    ) -> Option<Dispatch> {
        let key = self.queue_mut(class, place).pop_front()?;
        let present = self.present(now, wall);
        let lane = self.known.get_mut(&key)?;
        lane.throttled.stop(&self.throttled, now);
        lane.ready_since = None;
        if self.hold(key, now, wall) {
            return None;
        }
        let lane = self.known.get_mut(&key)?;
        let mut batch = head_batch(&lane.loaded, lane.hints, slots);
        batch.truncate(lane.unheld(&batch, present));
        let album = batch.first().is_some_and(|item| album(item).is_some());
        let all = batch.len() == lane.loaded.len();
        let more = lane.unloaded > 0 && all && (album || batch.is_empty() || batch.len() < slots);
        if more {
            lane.state = LaneState::Running;
            let (unloaded, last) = (lane.unloaded, lane.loaded.back().map(|item| item.seq));
            self.started(key, place);
            let LaneLimits { loaded, read, .. } = self.limits;
            let most = if *self.loaded.of(key.channel) + read <= loaded {
                read
            } else {
                // No more than the slots allow or an album needs.
                slots.clamp(ALBUM_LIMIT, BATCH_LIMIT).min(read)
            };
            let limit = usize::try_from(unloaded).unwrap_or(most).min(most);
            return Some(Dispatch::Load(key, last, limit));
        }
        if album && batch.len() < ALBUM_LIMIT {
            let collects = |item: &&OutboxItem| hold::until(item, present.pause).is_none();
            let due = batch.iter().filter(collects).filter_map(|item| item.queued.not_before).max();
            if let Some(due) = due.filter(|due| *due > wall) {
                self.wait(key, LaneState::Collecting, now + due.since(wall));
                return None;
            }
        }
        if batch.is_empty() {
            self.settle(key, now);
            return None;
        }
        if class == Class::Opening {
            // The call opens the topic, whatever waits for it.
            batch.truncate(1);
        }
        lane.state = LaneState::Running;
        lane.under_way = batch.len();
        let clocks = LimitClocks { queues: &self.throttled, histories: &self.limit_histories };
        let throttled = lane.throttled_times(batch.len(), clocks, present);
        let hints = lane.hints;
        self.started(key, place);
        Some(Dispatch::Send { lane: key, batch, throttled, hints })
    }

    /// Dispatches a lane whose next dispatch makes no call: its sends are replaced by later ones, or it must first be
    /// known who the user is, or which group has the conversation.
    pub(in crate::engine) fn dispatch_without_call(
        &mut self,
        now: Instant,
        wall: Millis,
    ) -> Option<Dispatch> {
        let key = self.without_call.pop_front()?;
        let present = self.present(now, wall);
        let lane = self.known.get_mut(&key)?;
        lane.throttled.stop(&self.throttled, now);
        lane.state = LaneState::Running;
        *self.running.of(key.channel) += 1;
        let batch = superseded(&lane.loaded);
        if batch.is_empty() {
            let count = if lane.loaded.is_empty() { FIRST_READ } else { 0 };
            let count = usize::try_from(lane.unloaded).unwrap_or(count).min(count);
            return Some(Dispatch::Load(key, lane.loaded.back().map(|item| item.seq), count));
        }
        lane.under_way = batch.len();
        let clocks = LimitClocks { queues: &self.throttled, histories: &self.limit_histories };
        let throttled = lane.throttled_times(batch.len(), clocks, present);
        let hints = Hints { superseded: true, ..lane.hints };
        Some(Dispatch::Send { lane: key, batch, throttled, hints })
    }

    /// Postpones the lane at the front of a class until `at`. `throttled`: its user's limit is the cause.
    pub(in crate::engine) fn postpone(
        &mut self,
        kind: QueueKind,
        at: Instant,
        throttled: bool,
        now: Instant,
    ) {
        let (class, place) = kind;
        let key = self.queue_mut(class, place).pop_front();
        let Some((key, lane)) = key.and_then(|key| Some((key, self.known.get_mut(&key)?))) else {
            return;
        };
        if throttled {
            lane.throttled.wait_for_user(&self.throttled, now);
        } else {
            lane.throttled.stop(&self.throttled, now);
        }
        self.wait(key, LaneState::Waiting, at);
    }

    /// The first `count` sends of a running lane are done.
    pub(in crate::engine) fn done(&mut self, key: OutboxLane, count: usize, now: Instant) {
        self.stopped(key);
        if self.remove_if_revoked(key, count) {
            return;
        }
        let Some(lane) = self.known.get_mut(&key) else { return };
        lane.pressed = false;
        lane.under_way = 0;
        *self.loaded.of(key.channel) -= lane.remove(count);
        // After a batch has failed as a whole, its sends go one by one to the end.
        lane.hints =
            Hints { singly: lane.hints.singly && !lane.loaded.is_empty(), ..Hints::default() };
        lane.dispatches = lane.dispatches.saturating_add(1);
        if !self.give_way(key) {
            self.settle(key, now);
        }
    }

    /// A running lane tries again, not before `at`.
    pub(in crate::engine) fn retry(
        &mut self,
        key: OutboxLane,
        hints: Hints,
        at: Option<Instant>,
        now: Instant,
    ) {
        self.stopped(key);
        if self.remove_if_revoked(key, 0) {
            return;
        }
        // The store has conversations of a group that the settings do not name.
        self.by_group |= hints.group.is_some_and(|group| group != GroupKey::FIRST);
        let Some(lane) = self.known.get_mut(&key) else { return };
        lane.under_way = 0;
        lane.hints = hints;
        match at {
            Some(at) if at > now => self.wait(key, LaneState::Waiting, at),
            Some(_) | None => self.make_ready_first(key, now),
        }
    }

    /// A lane whose load failed is ready to try again at `at`.
    pub(in crate::engine) fn load_failed(&mut self, key: OutboxLane, at: Instant) {
        self.stopped(key);
        if !self.remove_if_revoked(key, 0) {
            self.wait(key, LaneState::Waiting, at);
        }
    }

    /// A lane runs now, in a group if it is one of several.
    fn started(&mut self, key: OutboxLane, place: Destination) {
        *self.running.of(key.channel) += 1;
        let group = place.group().filter(|_| self.by_group);
        if let (Some(group), Some(lane)) = (group, self.known.get_mut(&key)) {
            lane.runs_in = Some(group);
            *self.running_in_groups.of(place) += 1;
        }
    }

    /// A lane does not run any more.
    pub(super) fn stopped(&mut self, key: OutboxLane) {
        *self.running.of(key.channel) -= 1;
        if !self.by_group {
            return;
        }
        let lane = self.known.get_mut(&key);
        if let Some(group) = lane.and_then(|lane| lane.runs_in.take()) {
            *self.running_in_groups.of(Destination::Group(group)) -= 1;
        }
    }

    /// Running lanes of a group; not counted if there is only one.
    pub(in crate::engine) fn running_in_group(&self, group: GroupKey) -> usize {
        self.running_in_groups.get(Destination::Group(group)).copied().unwrap_or(0)
    }

    /// Running lanes of a class, together with those of the classes that share its concurrency limit.
    pub(in crate::engine) fn running(&self, class: Class) -> usize {
        if class == Class::Newsletter { self.running.newsletters } else { self.running.others }
    }
}
