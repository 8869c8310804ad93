//! Back-off: how long to wait before something that has failed is tried again.

use std::time::Duration;

/// Delays that double with each failure, from `base` up to `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The delay after the first failure.
    pub base: Duration,
    /// The longest delay.
    pub cap: Duration,
}

impl Backoff {
    /// The share of a delay that jitter adds or takes away.
    const JITTER: f64 = 0.25;

    /// The delay after a failure that `earlier` others came before.
    pub fn delay(self, earlier: u32) -> Duration {
        self.base.saturating_mul(2_u32.saturating_pow(earlier)).min(self.cap)
    }

    /// The same, plus or minus a quarter, so that many that failed at once do not come back at once. `random` is from
    /// 0 to 1.
    pub fn jittered(self, earlier: u32, random: f64) -> Duration {
        self.delay(earlier).mul_f64(1.0 - Self::JITTER + 2.0 * Self::JITTER * random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap_plus_or_minus_a_quarter() {
        let backoff = Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(15) };
        let delays =
            [0, 1, 4, 5, 31, 32, u32::MAX].map(|earlier| backoff.delay(earlier).as_millis());
        assert_eq!(delays, [500, 1_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
        let jittered = [0.0, 0.5, 1.0].map(|random| backoff.jittered(2, random).as_millis());
        assert_eq!(jittered, [1_500, 2_000, 2_500]);
    }
}
