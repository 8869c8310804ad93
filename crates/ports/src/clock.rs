//! The time, passed in, so that tests own it.

use std::{fmt::Debug, time::SystemTime};

use domain::Millis;

/// Tells the wall clock's time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time now. May jump, as wall clocks do: never use it to order things.
    fn now(&self) -> Millis;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
