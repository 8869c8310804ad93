//! Figures in the units of metrics: fractions, seconds.

use std::time::Duration;

/// How long a message was on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    /// From its receipt to its end.
    pub whole: Duration,
    /// For so long of that Telegram's limits held it.
    pub limited: Duration,
}

impl Took {
    /// What the desk itself took, Telegram's answers included.
    pub(in crate::telemetry) fn own(self) -> Duration {
        self.whole.saturating_sub(self.limited)
    }
}

/// A count or size, for a gauge.
#[expect(clippy::cast_precision_loss, reason = "figures this large need no last digit")]
pub fn figure(value: u64) -> f64 {
    value as f64
}

/// Milliseconds since the epoch, for a gauge named `…_timestamp_seconds`.
#[expect(clippy::cast_precision_loss, reason = "exact until the year 287396")]
pub fn timestamp(millis: i64) -> f64 {
    millis as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_keeps_its_milliseconds() {
        assert!((timestamp(1_700_000_000_123) - 1_700_000_000.123).abs() < 1e-6);
    }
}
