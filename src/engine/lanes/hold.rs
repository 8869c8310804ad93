//! Holds of floods: which sends are held, and since when those of an ended hold have been waiting.
//!
//! Invariant: all sends of one hold have the same `not_before`, by which they go at the latest, and it is at least one
//! pause after their receipt. An album waits for its pieces for less than that. The time of a hold is the user's own:
//! a send counts as waiting from the end of its hold.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use domain::{Channel, Millis, Seq, UserId};
use ports::OutboxItem;

/// Number of ended holds that a lane remembers: usually the sends of one are gone before the next begins.
const ENDED_LIMIT: usize = 4;

/// Holds that an operator has ended, on their way to the lanes.
#[derive(Debug, Default)]
pub(in crate::engine) struct ReleasedHolds(Mutex<Vec<(UserId, Millis)>>);

impl ReleasedHolds {
    /// Ends those holds of a user that would end at this moment at the latest.
    pub(in crate::engine) fn extend(&self, released: Option<(UserId, Millis)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(released);
    }

    pub(super) fn take(&self) -> Vec<(UserId, Millis)> {
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
    /// When the last held send came. For a lane found in the store, its first dispatch.
    pub(super) last_arrival: Option<Instant>,
    /// The holds that have ended, oldest first.
    ended: Vec<EndedHold>,
}

/// A hold that has ended, and all holds before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndedHold {
    pub until: Millis,
    pub at: Millis,
    /// Its first send. Everything behind it waited for the hold, held or not.
    pub first: Seq,
}

impl LaneHold {
    /// A send has come.
    pub(super) fn arrived(&mut self, item: &OutboxItem, pause: Duration, now: Instant) {
        if until(item, pause).is_some() {
            self.last_arrival = Some(now);
        }
    }

    /// Since when a send has been waiting for reasons other than its user; `None` while it is held.
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
    pub(super) fn ends(
        &self,
        until: Millis,
        Present { now, wall, pause }: Present,
    ) -> Option<Millis> {
        let paused = self.last_arrival.map(|last| last + pause).filter(|paused| *paused <= now);
        let paused = paused.map(|paused| wall.before(now.duration_since(paused)));
        [paused, Some(until).filter(|until| *until <= wall)].into_iter().flatten().min()
    }

    pub(super) fn has_ended(&self, until: Millis) -> bool {
        self.ended.iter().any(|ended| until <= ended.until)
    }

    pub(super) fn end(&mut self, ended: EndedHold) {
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
