//! Lanes to topics that wait until their users pause, or until their holds end.

use std::time::Duration;

use tokio::time::Instant;

use domain::{Channel, Millis, OutboxLane, Seq};
use ports::OutboxItem;

use super::{
    batch::album,
    hold::{self, EndedHold, Present, ReleasedHolds},
    lane::{Lane, LaneState},
    lane_set::Lanes,
};

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
    /// The same lanes, with holds that end after this pause.
    pub(in crate::engine) fn held_for(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Whether a lane must wait for its user; it then does. A lane whose hold is over goes on.
    pub(super) fn hold(&mut self, key: OutboxLane, now: Instant, wall: Millis) -> bool {
        let Some(at) = self.hold_ends(key, now, wall) else { return false };
        self.wait(key, LaneState::Held, at);
        true
    }

    /// When to look again at a lane that must wait: its user may write in the meantime.
    fn hold_ends(&mut self, key: OutboxLane, now: Instant, wall: Millis) -> Option<Instant> {
        let present = self.present(now, wall);
        let lane = self.known.get_mut(&key)?;
        let head = lane.loaded.front()?;
        let (until, first) = (hold::until(head, present.pause)?, head.seq);
        if lane.hold.has_ended(until) {
            return None;
        }
        let last = *lane.hold.last_arrival.get_or_insert(now);
        let ended = lane.hold.ends(until, present);
        // Held lanes must leave room in memory for those that do not flood.
        if ended.is_none() && self.held() < self.capacity / 2 {
            return Some((last + present.pause).min(now + until.since(wall)));
        }
        let hold = EndedHold { until, at: ended.unwrap_or(wall), first };
        self.known.get_mut(&key)?.hold.end(hold);
        None
    }

    /// The present on both clocks.
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
            let held = |item: &&OutboxItem| hold::until(item, self.pause).is_some();
            let first = lane.loaded.iter().find(held).map_or(Seq(i64::MAX), |item| item.seq);
            lane.hold.end(EndedHold { until, at: wall, first });
            if matches!(lane.state, LaneState::Held(_)) {
                self.make_ready(key, now);
            }
        }
    }
}
