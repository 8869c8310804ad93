//! The tracker's circuit breaker and back-off: how long it is not called after it has refused a report.

use std::time::Duration;

use domain::Backoff;
use tokio::time::Instant;

/// The cap: a few calls per minute burden nobody, and a recovery is noticed soon. Together with the duration of a call
/// it stays below the time after which telemetry considers a trouble over, so an outage is one trouble.
const BACKOFF: Backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_mins(1) };

/// The delay after this many earlier failures.
pub(super) fn pause(attempts: u32) -> Duration {
    BACKOFF.jittered(attempts, fastrand::f64())
}

/// The circuit breaker. It pauses all reports at once, so an outage costs the same number of calls with a thousand
/// reports as with one.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failures: u32,
    until: Option<Instant>,
}

impl CircuitBreaker {
    /// Whether the tracker may be called. `Err` holds the end of the pause.
    pub(super) fn free(&self, now: Instant) -> Result<(), Instant> {
        self.until.filter(|until| *until > now).map_or(Ok(()), Err)
    }

    /// A report failed; the tracker asked for this delay, or for none. If the call was already running when the pause
    /// began, its failure adds no back-off.
    pub(super) fn failed(&mut self, wait: Duration, now: Instant) {
        if let Err(until) = self.free(now) {
            self.until = Some(until.max(now + wait));
            return;
        }
        self.until = Some(now + pause(self.failures).max(wait));
        self.failures = self.failures.saturating_add(1);
    }

    /// The tracker answered.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remaining(circuit_breaker: &CircuitBreaker, now: Instant) -> f64 {
        circuit_breaker.free(now).map_or_else(|until| (until - now).as_secs_f64(), |()| 0.0)
    }

    #[test]
    fn pauses_grow_with_each_failure_and_an_answer_resets_them() {
        let (mut circuit_breaker, mut now) = (CircuitBreaker::default(), Instant::now());
        assert!(circuit_breaker.free(now).is_ok());
        for base in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0] {
            circuit_breaker.failed(Duration::ZERO, now);
            let left = remaining(&circuit_breaker, now);
            assert!((base * 0.75..=base * 1.25).contains(&left), "{left} instead of {base}");
            circuit_breaker.failed(Duration::ZERO, now);
            assert!(
                (remaining(&circuit_breaker, now) - left).abs() < 0.001,
                "of concurrent failures, one counts"
            );
            now += Duration::from_secs_f64(left) + Duration::from_millis(1);
            assert!(circuit_breaker.free(now).is_ok());
        }
        circuit_breaker.failed(Duration::ZERO, now);
        circuit_breaker.answered();
        assert!(circuit_breaker.free(now).is_ok());
        circuit_breaker.failed(Duration::ZERO, now);
        assert!(remaining(&circuit_breaker, now) <= 1.25);
    }

    #[test]
    fn a_requested_wait_is_respected() {
        let (mut circuit_breaker, now) = (CircuitBreaker::default(), Instant::now());
        circuit_breaker.failed(Duration::from_secs(20), now);
        assert!((remaining(&circuit_breaker, now) - 20.0).abs() < 0.001);
        circuit_breaker.failed(Duration::from_secs(30), now);
        assert!((remaining(&circuit_breaker, now) - 30.0).abs() < 0.001);
    }

    #[test]
    fn the_back_off_doubles_from_a_second_to_a_minute() {
        for (attempts, base) in [(0, 1.0), (1, 2.0), (5, 32.0), (6, 60.0), (u32::MAX, 60.0)] {
            let pause = pause(attempts).as_secs_f64();
            assert!((base * 0.75..=base * 1.25).contains(&pause), "{pause} instead of {base}");
        }
    }
}
