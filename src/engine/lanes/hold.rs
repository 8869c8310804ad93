//! Holds of floods: a lane to a topic waits until its user pauses, or until the hold ends.
//!
//! Invariant: all sends of one hold have the same `not_before`, by which they go at the latest, and it is at least one
//! pause behind their receipt. An album waits for its pieces for less than that. The time of a hold is the user's own:
//! a send counts as waiting from the end of its hold.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use domain::{Channel, Millis, OutboxLane, Seq, UserId};
use ports::OutboxItem;

use super::{
    batch::album,
    lane::{Lane, LaneState},
    lane_set::Lanes,
};

/// Number of ended holds that a lane remembers: usually the sends of one are gone before the next begins.
const ENDED_LIMIT: usize = 4;

/// Holds that an operator has ended, on their way to the lanes.
#[derive(Debug, Default)]
pub(in crate::engine) struct ReleasedHolds(Mutex<Vec<(UserId, Millis)>>);

impl ReleasedHolds {
    /// Ends the holds of a user that end at this moment at the latest.
    pub(in crate::engine) fn add(&self, user: UserId, until: Millis) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((user, until));
    }

    fn take(&self) -> Vec<(UserId, Millis)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The present, on both clocks, and the pause that ends a hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub now: Instant,
    pub wall: Millis,
    pub pause: Duration,
}

/// What a lane knows of its holds.
#[derive(Debug, Default)]
pub(super) struct LaneHold {
    /// When the last held send came. A lane that was found in the store counts from its first dispatch.
    last_arrival: Option<Instant>,
    /// The holds that have ended, oldest first.
    ended: Vec<EndedHold>,
}

/// A hold that has ended, and all holds before it.
#[derive(Debug, Clone, Copy)]
struct EndedHold {
    until: Millis,
    at: Millis,
    /// Its first send. Everything behind it waited for the hold, held or not.
    first: Seq,
}

impl LaneHold {
    /// A send has come.
    pub(super) fn arrived(&mut self, item: &OutboxItem, pause: Duration, now: Instant) {
        if until(item, pause).is_some() {
            self.last_arrival = Some(now);
        }
    }

    /// Since when a send has been waiting through no doing of its user; `None` while it is held.
    pub(super) fn waits_since(&self, item: &OutboxItem, present: Present) -> Option<Millis> {
        let received = item.queued.received;
        let own = if let Some(until) = until(item, present.pause) {
            match self.ended.iter().find(|ended| until <= ended.until) {
                Some(ended) => ended.at.min(until),
                None => self.ends(until, present)?,
            }
        } else {
            let before = self.ended.iter().rev().find(|ended| ended.first < item.seq);
            before.map_or(received, |ended| ended.at)
        };
        Some(own.max(received))
    }

    /// When a hold has ended; `None` if it has not: its user has not paused, and its time is not over.
    fn ends(&self, until: Millis, Present { now, wall, pause }: Present) -> Option<Millis> {
        let paused = self.last_arrival.map(|last| last + pause).filter(|paused| *paused <= now);
        let paused = paused.map(|paused| wall.before(now.duration_since(paused)));
        [paused, Some(until).filter(|until| *until <= wall)].into_iter().flatten().min()
    }

    fn has_ended(&self, until: Millis) -> bool {
        self.ended.iter().any(|ended| until <= ended.until)
    }

    fn end(&mut self, ended: EndedHold) {
        if self.ended.len() == ENDED_LIMIT {
            self.ended.remove(0);
        }
        self.ended.push(ended);
    }
}

/// When the hold of a send ends at the latest; `None` if it is not held, or waits for the rest of its album.
pub(super) fn until(item: &OutboxItem, pause: Duration) -> Option<Millis> {
    let queued = &item.queued;
    let until = queued.not_before.filter(|_| queued.lane.channel == Channel::Topic)?;
    (until.since(queued.received) >= pause).then_some(until)
}

impl Lane {
    /// Since when the send at the head has been waiting; `None` if it is held, or if nothing waits.
    pub(super) fn waits_since(&self, present: Present) -> Option<Millis> {
        match self.loaded.front() {
            Some(head) => self.hold.waits_since(head, present),
            None => self.oldest,
        }
    }

    /// Whether the lane waits for its user.
    pub(super) fn is_held(&self, present: Present) -> bool {
        let head = self.loaded.front();
        head.is_some_and(|head| self.hold.waits_since(head, present).is_none())
    }

    /// Number of sends at the head of a batch that may go now. An album goes whole.
    pub(super) fn unheld(&self, batch: &[OutboxItem], present: Present) -> usize {
        let is_held = |item: &OutboxItem| {
            album(item).is_none() && self.hold.waits_since(item, present).is_none()
        };
        batch.iter().position(is_held).unwrap_or(batch.len())
    }

    /// How long each of the first sends was held; empty if none was.
    pub(super) fn times_held(&self, count: usize, present: Present) -> Vec<Duration> {
        let held = |item: &OutboxItem| {
            let since = self.hold.waits_since(item, present).unwrap_or(present.wall);
            since.since(item.queued.received)
        };
        let times: Vec<Duration> = self.loaded.iter().take(count).map(held).collect();
        if times.iter().all(Duration::is_zero) { Vec::new() } else { times }
    }
}

impl Lanes {
    /// The same lanes, in which holds end after this pause.
    pub(in crate::engine) fn held_for(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Whether a lane must wait for its user; it then does. A lane whose hold is over goes on.
    pub(super) fn hold(&mut self, key: OutboxLane, now: Instant, wall: Millis) -> bool {
        let Some(at) = self.hold_ends(key, now, wall) else { return false };
        self.wait(key, LaneState::Held, at);
        true
    }

    /// When a lane that must wait looks again: its user may have written in the meantime.
    fn hold_ends(&mut self, key: OutboxLane, now: Instant, wall: Millis) -> Option<Instant> {
        let present = self.present(now, wall);
        let room = self.held() < self.capacity / 2;
        let lane = self.known.get_mut(&key)?;
        let head = lane.loaded.front()?;
        let (until, first) = (until(head, present.pause)?, head.seq);
        if lane.hold.has_ended(until) {
            return None;
        }
        let last = *lane.hold.last_arrival.get_or_insert(now);
        let at = match lane.hold.ends(until, present) {
            Some(at) => at,
            None if room => return Some((last + present.pause).min(now + until.since(wall))),
            // Held lanes must leave room in memory for those that do not flood.
            None => wall,
        };
        lane.hold.end(EndedHold { until, at, first });
        None
    }

    /// The present on this clock and that.
    pub(super) fn present(&self, now: Instant, wall: Millis) -> Present {
        Present { now, wall, pause: self.pause }
    }

    fn held(&self) -> usize {
        self.known.values().filter(|lane| matches!(lane.state, LaneState::Held(_))).count()
    }

    /// Ends the holds that operators have ended.
    pub(in crate::engine) fn release_holds(
        &mut self,
        released: &ReleasedHolds,
        now: Instant,
        wall: Millis,
    ) {
        for (user, until) in released.take() {
            let key = OutboxLane { user, channel: Channel::Topic };
            let Some(lane) = self.known.get_mut(&key) else { continue };
            let held = |item: &&OutboxItem| self::until(item, self.pause).is_some();
            let first = lane.loaded.iter().find(held).map_or(Seq(i64::MAX), |item| item.seq);
            lane.hold.end(EndedHold { until, at: wall, first });
            if matches!(lane.state, LaneState::Held(_)) {
                self.make_ready(key, now);
            }
        }
    }
}
