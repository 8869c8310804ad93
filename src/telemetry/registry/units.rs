//! Converts values to the units of metrics.

use std::time::Duration;

/// The delivery time of a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    /// From when it was written or received to its delivery or failure.
    pub whole: Duration,
    /// The part of `whole` in which Telegram's rate limits held the message back.
    pub limited: Duration,
}

impl Took {
    /// The desk's own part, including the wait for Telegram's answers.
    pub fn own(self) -> Duration {
        self.whole.saturating_sub(self.limited)
    }
}

/// A count or a size as the value of a gauge.
#[expect(clippy::cast_precision_loss, reason = "figures this large need no last digit")]
pub fn figure(value: u64) -> f64 {
    value as f64
}

/// Milliseconds since the epoch as the value of a gauge named `…_timestamp_seconds`.
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
