//! The limit of one private chat: a burst, and then one message at a time.

use std::time::Duration;

use tokio::time::Instant;

/// A token bucket: one message per interval on average, and up to `burst` at once after a silence.
#[derive(Debug)]
pub(in crate::engine) struct TokenBucket {
    /// `None` means no limit.
    interval: Option<Duration>,
    burst: usize,
    running: usize,
    /// When the bucket is unused again: each message ages from the end of its call.
    idle_at: Instant,
    /// End of the freeze, after Telegram throttled this chat.
    pub(in crate::engine) frozen: Option<Instant>,
}

impl TokenBucket {
    /// Creates an unused bucket.
    pub(in crate::engine) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        Self::every((per_second > 0).then(|| Duration::from_secs(1) / per_second), burst, now)
    }

    /// Creates an unused bucket of one message per interval; `None` means no limit.
    pub(in crate::engine) fn every(interval: Option<Duration>, burst: u32, now: Instant) -> Self {
        Self { interval, burst: burst.max(1) as usize, running: 0, idle_at: now, frozen: None }
    }

    /// Creates a bucket whose burst was used up just before `at`.
    pub(in crate::engine) fn spent(per_second: u32, burst: u32, at: Instant) -> Self {
        let new = Self::new(per_second, burst, at);
        let idle_at = new.interval.map_or(at, |interval| at + times(interval, new.burst));
        Self { idle_at, ..new }
    }

    /// Free slots now, at least `want` or a whole burst. `Err` holds the time when they will be free.
    pub(in crate::engine) fn free(&self, want: usize, now: Instant) -> Result<usize, Instant> {
        if let Some(until) = self.frozen.filter(|until| *until > now) {
            return Err(until);
        }
        let Some(interval) = self.interval else { return Ok(usize::MAX) };
        let idle_at = self.idle_at.max(now) + times(interval, self.running);
        let ready = |slots: usize| idle_at.checked_sub(times(interval, self.burst - slots));
        let want = want.clamp(1, self.burst);
        if let Some(ready) = ready(want).filter(|ready| *ready > now) {
            return Err(ready);
        }
        let fits = |slots: &usize| ready(*slots).is_none_or(|ready| ready <= now);
        Ok((want..=self.burst).rev().find(fits).unwrap_or(want))
    }

    /// Takes slots for a call.
    pub(in crate::engine) fn take(&mut self, slots: usize) {
        self.running += slots;
    }

    /// A call has ended that took `slots` and used `used` of them.
    pub(in crate::engine) fn ended(&mut self, slots: usize, used: usize, now: Instant) {
        // If a partition was revoked and assigned again during a call, the counter has started again from zero.
        self.running = self.running.saturating_sub(slots);
        if let Some(interval) = self.interval.filter(|_| used > 0) {
            self.idle_at = self.idle_at.max(now) + times(interval, used);
        }
    }

    /// Whether the bucket equals an unused one.
    pub(in crate::engine) fn is_idle(&self, now: Instant) -> bool {
        self.running == 0 && self.idle_at <= now && self.frozen.is_none_or(|until| until <= now)
    }
}

fn times(interval: Duration, count: usize) -> Duration {
    interval * u32::try_from(count).unwrap_or(u32::MAX)
}
