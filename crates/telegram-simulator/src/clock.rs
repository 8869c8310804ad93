//! The simulator's time: the real time, plus what a test has advanced it by.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Milliseconds since 1970.
pub(crate) type Millis = u64;

#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    start_unix: Millis,
    advanced: AtomicU64,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), start_unix: unix_now(), advanced: AtomicU64::new(0) }
    }

    pub(crate) fn now(&self) -> Millis {
        self.start_unix + millis(self.start.elapsed()) + self.advanced.load(Ordering::Relaxed)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.advanced.fetch_add(millis(by), Ordering::Relaxed);
    }
}

/// A duration in whole milliseconds.
pub(crate) fn millis(duration: Duration) -> Millis {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A moment as Telegram writes dates.
pub(crate) fn seconds(at: Millis) -> i64 {
    i64::try_from(at / 1000).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "a server of its own, with a clock of its own")]
fn unix_now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
}
