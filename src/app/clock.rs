//! A clock that all processes of one store share, although the clocks of their machines differ.
//!
//! One process compares times that another has written: since when a message waits, or until when the rest of an
//! album is awaited. Therefore all of them follow the clock of Redis, as far as they know it. A process on the
//! embedded store follows its machine's clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use domain::Millis;
use ports::Clock;

/// Times are truncated to milliseconds, so a difference of two may be off by this much.
const ROUNDING: i64 = 2;

/// The machine's clock, corrected by that of Redis.
#[derive(Debug)]
pub(super) struct SharedClock {
    /// The clock of this machine.
    pub own: Arc<dyn Clock>,
    /// Milliseconds by which it is ahead of Redis.
    ahead: AtomicI64,
}

impl SharedClock {
    /// Creates a clock without a correction.
    pub(super) fn new(own: Arc<dyn Clock>) -> Self {
        Self { own, ahead: AtomicI64::new(0) }
    }

    /// Corrects the clock by the time that Redis gave in answer to a command sent at `asked`. Returns roughly how many
    /// milliseconds the machine's clock is ahead.
    pub(super) fn correct(&self, at: Millis, asked: Instant) -> i64 {
        let behind_at = self.own.now().0.saturating_sub(at.0);
        let took = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
        // Redis read its clock at some moment between request and answer. A correction that agrees with this interval
        // stays, so that varying response times do not make the clock jitter.
        let least = behind_at.saturating_sub(took).saturating_sub(ROUNDING);
        let most = behind_at.saturating_add(ROUNDING);
        let ahead = self.ahead.load(Ordering::Relaxed);
        self.ahead.store(ahead.clamp(least, most), Ordering::Relaxed);
        behind_at.saturating_sub(took / 2)
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Millis {
        Millis(self.own.now().0.saturating_sub(self.ahead.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A machine whose clock stands still.
    #[derive(Debug)]
    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Millis {
            Millis(self.0)
        }
    }

    /// The time that a clock at 100 seconds shows after these answers of Redis, each with its response time in
    /// milliseconds.
    fn after(answers: &[(i64, u64)]) -> i64 {
        let clock = SharedClock::new(Arc::new(At(100_000)));
        for (at, took) in answers {
            let asked = Instant::now().checked_sub(Duration::from_millis(*took)).unwrap();
            clock.correct(Millis(*at), asked);
        }
        clock.now().0
    }

    #[test]
    fn a_wrong_clock_shows_the_time_of_redis() {
        assert_eq!(after(&[]), 100_000);
        for redis in [95_000, 105_000, 9_999_999] {
            let shown = after(&[(redis, 0)]);
            assert!((shown - redis).abs() <= ROUNDING, "{shown} where Redis says {redis}");
        }
    }

    #[test]
    fn a_slow_answer_says_little() {
        assert_eq!(after(&[(99_500, 600)]), 100_000, "the clocks may agree");
        let shown = after(&[(95_000, 1), (94_400, 900)]);
        assert!((shown - 95_000).abs() <= 5, "the more precise answer stays: {shown}");
        let shown = after(&[(94_400, 900), (95_000, 1)]);
        assert!((shown - 95_000).abs() <= 5, "the more precise answer counts: {shown}");
    }

    #[test]
    fn a_change_of_the_clock_is_followed() {
        let shown = after(&[(95_000, 1), (100_000, 1)]);
        assert!((shown - 100_000).abs() <= 5, "{shown}");
    }

    #[test]
    fn the_difference_is_returned() {
        let clock = SharedClock::new(Arc::new(At(100_000)));
        let ahead = clock.correct(Millis(95_000), Instant::now());
        assert!((4_990..=5_000).contains(&ahead), "{ahead}");
    }
}
