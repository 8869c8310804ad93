//! The tick counter. A record's number is `tick * 16 + partition`, so ticks order the records of all partitions.

use std::sync::atomic::{AtomicI64, Ordering};

/// The next tick of this process.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Ticks(AtomicI64);

impl Ticks {
    pub(in crate::adapters::redis) fn new() -> Self {
        Self(AtomicI64::new(1))
    }

    /// Reserves `count` ticks and returns the first. Ticks rise, so later records have higher numbers in every
    /// partition.
    pub(in crate::adapters::redis) fn reserve(&self, count: i64) -> i64 {
        self.0.fetch_add(count, Ordering::Relaxed)
    }

    /// Makes all ticks reserved from now on higher than `tick`.
    pub(super) fn rise_to(&self, tick: i64) {
        self.0.fetch_max(tick.saturating_add(1), Ordering::Relaxed);
    }
}
