//! A sliding window: the limit over all chats and the limit of the group.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use domain::Room;

/// At most `limit` slots in any `period`.
#[derive(Debug)]
pub(in crate::engine) struct SlidingWindow {
    limit: Option<usize>,
    period: Duration,
    pub(in crate::engine) running: usize,
    /// When the calls of the last period ended, oldest first.
    ended: VecDeque<Instant>,
    pub(in crate::engine) frozen: Option<Instant>,
}

impl SlidingWindow {
    /// Creates an unused window. A limit of zero disables it.
    pub(in crate::engine) fn new(limit: u32, period: Duration) -> Self {
        let limit = (limit > 0).then_some(limit as usize);
        Self { limit, period, running: 0, ended: VecDeque::new(), frozen: None }
    }

    /// The free slots now, or the remaining freeze. `None` if there is neither a limit nor a freeze.
    pub(in crate::engine) fn free_slots(&self, now: Instant) -> Option<Room> {
        if let Some(until) = self.frozen.filter(|until| *until > now) {
            return Some(Room::Frozen(until - now));
        }
        let limit = self.limit?;
        let recent = self.ended.iter().filter(|ended| **ended + self.period > now).count();
        let left = limit.saturating_sub(self.running + recent);
        Some(Room::Left { left: left as u64, of: limit as u64 })
    }

    /// Free slots now, at least `want`. `Err` holds the time when they will be free, or `None` if that depends on
    /// running calls.
    pub(in crate::engine) fn free(
        &mut self,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        self.check_freeze(now)?;
        let Some(limit) = self.limit else { return Ok(usize::MAX) };
        while self.ended.front().is_some_and(|ended| *ended + self.period <= now) {
            self.ended.pop_front();
        }
        let left = limit.saturating_sub(self.running + self.ended.len());
        let want = want.clamp(1, limit);
        if left >= want {
            return Ok(left);
        }
        Err(self.ended.get(want - left - 1).map(|ended| *ended + self.period))
    }

    /// `Err` with the end of the freeze if the window is frozen.
    pub(in crate::engine) fn check_freeze(&self, now: Instant) -> Result<(), Option<Instant>> {
        self.frozen.filter(|until| *until > now).map_or(Ok(()), |until| Err(Some(until)))
    }

    /// A call has ended that took `slots` and used `used` of them.
    pub(in crate::engine) fn ended(&mut self, slots: usize, used: usize, now: Instant) {
        self.running -= slots;
        if self.limit.is_some() {
            self.ended.extend(std::iter::repeat_n(now, used));
        }
    }
}
