//! Throttles the logging of repeated failures: a failure is logged once and then at intervals, not a
//! thousand times.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Minimum interval between two log records about the same trouble.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Time without a failure after which the next failure starts a new episode, even without a success in between.
const OVER_AFTER: Duration = Duration::from_mins(2);

/// The state of one kind of failure.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct LogThrottle {
    /// Read on every success, so it must be cheap.
    ongoing: AtomicBool,
    episode: Mutex<Option<Episode>>,
}

#[derive(Debug)]
struct Episode {
    since: Instant,
    said: Instant,
    last: Instant,
    failures: u64,
}

/// What to log about a failure.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Say {
    /// The first failure of an episode.
    First,
    /// The episode goes on.
    Still { failures: u64, since: Duration },
    /// Nothing: the last record is too recent.
    Nothing,
}

/// An episode that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Over {
    pub(in crate::telemetry) failures: u64,
    pub(in crate::telemetry) lasted: Duration,
}

impl LogThrottle {
    pub(in crate::telemetry) fn failed(&self, now: Instant) -> Say {
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.ongoing.store(true, Ordering::Relaxed);
        let ongoing = episode.as_mut().filter(|episode| now - episode.last < OVER_AFTER);
        let Some(episode) = ongoing else {
            *episode = Some(Episode { since: now, said: now, last: now, failures: 1 });
            return Say::First;
        };
        episode.failures += 1;
        episode.last = now;
        if now - episode.said < SAY_AGAIN_AFTER {
            return Say::Nothing;
        }
        episode.said = now;
        Say::Still { failures: episode.failures, since: now - episode.since }
    }

    /// Records a success. Returns the episode that it ended.
    pub(in crate::telemetry) fn worked(&self, now: Instant) -> Option<Over> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.ongoing.store(false, Ordering::Relaxed);
        let Episode { since, failures, .. } = episode.take()?;
        Some(Over { failures, lasted: now - since })
    }

    /// The start of the current episode. Only a success ends it.
    pub(in crate::telemetry) fn since(&self) -> Option<Instant> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        episode.as_ref().map(|episode| episode.since)
    }

    /// The start of the current episode, for troubles without a signal of success: it ends after `OVER_AFTER`.
    pub(in crate::telemetry) fn lately(&self, now: Instant) -> Option<Instant> {
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        let ongoing = episode.as_ref().filter(|episode| now - episode.last < OVER_AFTER);
        ongoing.map(|episode| episode.since)
    }

    /// Ends the episode if nothing has failed for `long`, and returns it.
    pub(in crate::telemetry) fn quiet(&self, now: Instant, long: Duration) -> Option<Over> {
        let last = self.episode.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.last;
        if now.saturating_duration_since(last) < long {
            return None;
        }
        self.worked(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_repeats_is_said_once_then_every_half_minute_and_its_end_once() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        let later = begun + SAY_AGAIN_AFTER;
        assert_eq!(trouble.worked(begun), None);
        assert_eq!(trouble.failed(begun), Say::First);
        assert_eq!(trouble.failed(begun + SAY_AGAIN_AFTER / 2), Say::Nothing);
        assert_eq!(trouble.failed(later), Say::Still { failures: 3, since: SAY_AGAIN_AFTER });
        assert_eq!(trouble.failed(later), Say::Nothing);
        assert_eq!(trouble.worked(later), Some(Over { failures: 4, lasted: SAY_AGAIN_AFTER }));
        assert_eq!(trouble.worked(later), None);
        assert_eq!(trouble.failed(later), Say::First);
    }

    #[test]
    fn since_when_it_goes_on_is_known_until_its_end() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        assert_eq!((trouble.since(), trouble.lately(begun)), (None, None));
        trouble.failed(begun);
        trouble.failed(begun + OVER_AFTER / 2);
        let later = begun + OVER_AFTER;
        assert_eq!((trouble.since(), trouble.lately(later)), (Some(begun), Some(begun)));
        assert_eq!(trouble.lately(later + OVER_AFTER / 2), None);
        trouble.worked(later);
        assert_eq!((trouble.since(), trouble.lately(later)), (None, None));
    }

    #[test]
    fn a_failure_after_a_long_quiet_is_a_trouble_of_its_own() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        assert_eq!(trouble.failed(begun), Say::First);
        assert_eq!(trouble.failed(begun + OVER_AFTER), Say::First);
    }
}
