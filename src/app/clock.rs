//! A clock that all processes of one store share, although the clocks of their machines differ.
//!
//! One process compares times that another has written: since when a message waits, or until when the rest of an
//! album is awaited. Therefore all of them follow the clock of Redis, as far as they know it. A process on the
//! embedded store follows its machine's clock.
//!
//! Telegram dates messages by a clock of its own. How far the two differ is known from the `Date` of its answers.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::Millis;
use ports::Clock;

/// Times are truncated to milliseconds, so a difference of two may be off by this much.
const ROUNDING: i64 = 2;
/// A `Date` is truncated to seconds.
const DATE_ROUNDING: i64 = 1_000;

/// The machine's clock, corrected by that of Redis.
#[derive(Debug)]
pub(super) struct SharedClock {
    /// The clock of this machine.
    pub own: Arc<dyn Clock>,
    /// How far it is ahead of Redis.
    redis: Ahead,
    /// How far the corrected clock is ahead of Telegram's.
    telegram: Ahead,
    /// The bounds that Telegram's last answer sets for that.
    last_date: Mutex<Option<(i64, i64)>>,
}

/// How many milliseconds a clock is ahead of another.
#[derive(Debug, Default)]
struct Ahead(AtomicI64);

impl Ahead {
    fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    /// It is between these two. A value that agrees with this stays, so that varying response times do not make the
    /// clock jitter.
    fn narrow(&self, least: i64, most: i64) {
        self.0.store(self.get().clamp(least, most), Ordering::Relaxed);
    }
}

impl SharedClock {
    /// Creates a clock without a correction.
    pub(super) fn new(own: Arc<dyn Clock>) -> Self {
        Self {
            own,
            redis: Ahead::default(),
            telegram: Ahead::default(),
            last_date: Mutex::default(),
        }
    }

    /// Corrects the clock by the time that Redis gave in answer to a command sent at `asked`. Returns roughly how many
    /// milliseconds the machine's clock is ahead.
    pub(super) fn correct(&self, at: Millis, asked: Instant) -> i64 {
        let behind_at = self.own.now().0.saturating_sub(at.0);
        let took = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
        // Redis read its clock at some moment between request and answer.
        let least = behind_at.saturating_sub(took).saturating_sub(ROUNDING);
        self.redis.narrow(least, behind_at.saturating_add(ROUNDING));
        behind_at.saturating_sub(took / 2)
    }

    /// Learns from an answer of Telegram's with this `Date`, to a call that took `took`. Returns how many milliseconds
    /// the clock is ahead of Telegram's, give or take a second. Only what two answers in a row agree on is believed.
    pub(super) fn dated(&self, date: Millis, took: Duration) -> i64 {
        let behind_date = self.now().0.saturating_sub(date.0);
        let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let least = behind_date.saturating_sub(took).saturating_sub(DATE_ROUNDING + ROUNDING);
        let most = behind_date.saturating_add(ROUNDING);
        let mut last_date = self.last_date.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last_least, last_most)) = last_date.replace((least, most)) {
            let (least, most) = (least.max(last_least), most.min(last_most));
            if least <= most {
                self.telegram.narrow(least, most);
            }
        }
        self.telegram.get()
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Millis {
        Millis(self.own.now().0.saturating_sub(self.redis.get()))
    }

    fn of_telegram(&self, date: Millis) -> Millis {
        Millis(date.0.saturating_add(self.telegram.get()))
    }
}

#[cfg(test)]
mod tests {
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
    fn a_date_of_telegrams_is_moved_to_this_clock() {
        let clock = SharedClock::new(Arc::new(At(100_000)));
        assert_eq!(clock.of_telegram(Millis(98_000)), Millis(98_000));
        let dated = |date, millis| clock.dated(Millis(date), Duration::from_millis(millis));
        dated(99_000, 10);
        dated(99_000, 10);
        let agrees = clock.of_telegram(Millis(98_000));
        assert_eq!(agrees, Millis(98_000), "a date of the second before says nothing");
        // Telegram's clock shows between 40 and 41 seconds.
        assert_eq!(dated(40_000, 10), 0, "one answer may be wrong");
        let ahead = dated(40_000, 10);
        assert!((58_900..=60_010).contains(&ahead), "{ahead}");
        let shown = clock.of_telegram(Millis(30_000)).0;
        assert!((88_900..=90_010).contains(&shown), "{shown}");
        // A poll that took long says little.
        dated(5_000, 50_000);
        assert_eq!(clock.of_telegram(Millis(30_000)).0, shown);
    }

    #[test]
    fn the_difference_is_returned() {
        let clock = SharedClock::new(Arc::new(At(100_000)));
        let ahead = clock.correct(Millis(95_000), Instant::now());
        assert!((4_990..=5_000).contains(&ahead), "{ahead}");
    }
}
