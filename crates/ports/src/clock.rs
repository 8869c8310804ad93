//! The clock as a dependency, so that tests control the time.

use std::{fmt::Debug, time::SystemTime};

use domain::Millis;

/// Source of wall-clock time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the current time. Wall clocks may jump: never order anything by it.
    fn now(&self) -> Millis;

    /// Returns what this clock showed when Telegram's clock showed `date`, as far as their difference is known.
    fn of_telegram(&self, date: Millis) -> Millis {
        date
    }
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
