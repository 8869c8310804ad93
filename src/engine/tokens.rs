//! The limit of one private chat: a burst, and then one message at a time.

use std::time::Duration;

use tokio::time::Instant;

/// A message every so often on average, `burst` of them at once after a silence.
#[derive(Debug)]
pub(super) struct Tokens {
    /// `None`: as many as one likes.
    every: Option<Duration>,
    burst: usize,
    running: usize,
    /// When all that went is paid for: each message ages from the moment its call has ended.
    paid: Instant,
    /// Telegram asked to leave the chat alone until then.
    pub(super) frozen: Option<Instant>,
}

impl Tokens {
    /// Nothing has gone yet.
    pub(super) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        let every = (per_second > 0).then(|| Duration::from_secs(1) / per_second);
        Self { every, burst: burst.max(1) as usize, running: 0, paid: now, frozen: None }
    }

    /// As many have gone as may at once, just before `at`.
    pub(super) fn spent(per_second: u32, burst: u32, at: Instant) -> Self {
        let new = Self::new(per_second, burst, at);
        let paid = new.every.map_or(at, |every| at + times(every, new.burst));
        Self { paid, ..new }
    }

    /// How many may go now, at least `want` or a whole burst; `Err` with when, otherwise.
    pub(super) fn free(&self, want: usize, now: Instant) -> Result<usize, Instant> {
        if let Some(until) = self.frozen.filter(|until| *until > now) {
            return Err(until);
        }
        let Some(every) = self.every else { return Ok(usize::MAX) };
        let paid = self.paid.max(now) + times(every, self.running);
        let ready = |slots: usize| paid.checked_sub(times(every, self.burst - slots));
        let want = want.clamp(1, self.burst);
        if let Some(ready) = ready(want).filter(|ready| *ready > now) {
            return Err(ready);
        }
        let fits = |slots: &usize| ready(*slots).is_none_or(|ready| ready <= now);
        Ok((want..=self.burst).rev().find(fits).unwrap_or(want))
    }

    /// So many are on their way.
    pub(super) fn take(&mut self, slots: usize) {
        self.running += slots;
    }

    /// A call has ended that took so many and used some of them.
    pub(super) fn ended(&mut self, slots: usize, used: usize, now: Instant) {
        // A partition that was lost and taken again, with a call still under way, has begun to count anew.
        self.running = self.running.saturating_sub(slots);
        if let Some(every) = self.every.filter(|_| used > 0) {
            self.paid = self.paid.max(now) + times(every, used);
        }
    }

    /// Whether it is as if nothing had ever gone.
    pub(super) fn is_idle(&self, now: Instant) -> bool {
        self.running == 0 && self.paid <= now && self.frozen.is_none_or(|until| until <= now)
    }
}

fn times(every: Duration, count: usize) -> Duration {
    every * u32::try_from(count).unwrap_or(u32::MAX)
}
