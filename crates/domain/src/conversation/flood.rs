//! A flood: a user writes faster than the rate, and what they write is held until they pause.
//!
//! Invariant: a hold ends at least one pause and at most [`HoldTimes::longest`] after the write that it holds.

use std::time::Duration;

use crate::Millis;

/// How long a flood is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldTimes {
    /// The user has paused when they have written nothing for this long.
    pub pause: Duration,
    /// Longest hold of a write.
    pub longest: Duration,
}

impl Default for HoldTimes {
    fn default() -> Self {
        Self { pause: Duration::from_mins(1), longest: Duration::from_mins(5) }
    }
}

/// A flood that is under way, or whose end the desk has not noticed yet: that takes the user's next write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// The first write that was held.
    pub since: Millis,
    /// The last write that was held.
    pub last: Millis,
    /// The present hold.
    pub hold: Hold,
    /// The hold before, if it had not ended when the present one began.
    pub former: Option<Hold>,
    /// Whether operators were asked what to do.
    pub asked: bool,
}

/// Writes that are held together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// When they go at the latest.
    pub until: Millis,
    /// Number of writes.
    pub writes: u32,
}

impl Flood {
    /// Begins a flood, with nothing held yet.
    pub fn new(now: Millis, times: HoldTimes) -> Self {
        let hold = Hold { until: now.plus(times.longest), writes: 0 };
        Self { since: now, last: now, hold, former: None, asked: false }
    }

    /// Whether writes may still be held now: the user has not paused, and the present hold has not ended.
    pub fn is_on(&self, now: Millis, times: HoldTimes) -> bool {
        now < self.last.plus(times.pause) && now < self.hold.until
    }

    /// Whether a hold that begins or continues now ends soon, or, after the clock was set back, far too late.
    pub(crate) fn needs_new_hold(&self, now: Millis, times: HoldTimes) -> bool {
        let until = self.hold.until;
        until < now.plus(times.pause) || until > now.plus(times.longest)
    }

    /// Begins a new hold. The former one ends when it would have ended.
    pub(crate) fn begin_hold(&mut self, now: Millis, times: HoldTimes) {
        self.former = Some(self.hold);
        self.hold = Hold { until: now.plus(times.longest), writes: 0 };
    }

    /// Counts one more held write.
    pub(crate) fn hold(&mut self, now: Millis) {
        self.hold.writes = self.hold.writes.saturating_add(1);
        self.last = now;
        self.former = self.former.filter(|former| now < former.until);
    }

    /// Operators have decided about everything that is held. What is written from now on is held on its own, under a
    /// later moment than before, so that the two can be told apart.
    pub(crate) fn settle(&mut self, now: Millis, times: HoldTimes) {
        let until = now.plus(times.longest).max(Millis(self.hold.until.0.saturating_add(1)));
        self.hold = Hold { until, writes: 0 };
        self.former = None;
        self.asked = false;
    }

    /// Number of writes that are held.
    pub fn held(&self) -> u32 {
        self.former.map_or(0, |former| former.writes).saturating_add(self.hold.writes)
    }
}
