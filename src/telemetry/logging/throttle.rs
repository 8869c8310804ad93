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
const REPEAT_INTERVAL: Duration = Duration::from_secs(30);

/// Time without a failure after which the next failure starts a new episode, even without a success in between.
const EPISODE_TIMEOUT: Duration = Duration::from_mins(2);

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
pub(in crate::telemetry) enum Occurrence {
    /// The first failure of an episode.
    First,
    /// The episode goes on.
    Ongoing { failures: u64, since: Duration },
    /// Nothing: the last record is too recent.
    Suppressed,
}

/// An episode that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Recovery {
    pub(in crate::telemetry) failures: u64,
    pub(in crate::telemetry) lasted: Duration,
}

impl LogThrottle {
    pub(in crate::telemetry) fn failed(&self, now: Instant) -> Occurrence {
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.ongoing.store(true, Ordering::Relaxed);
        let ongoing = episode.as_mut().filter(|episode| now - episode.last < EPISODE_TIMEOUT);
        let Some(episode) = ongoing else {
            *episode = Some(Episode { since: now, said: now, last: now, failures: 1 });
            return Occurrence::First;
        };
        episode.failures += 1;
        episode.last = now;
        if now - episode.said < REPEAT_INTERVAL {
            return Occurrence::Suppressed;
        }
        episode.said = now;
        Occurrence::Ongoing { failures: episode.failures, since: now - episode.since }
    }

    /// Records a success. Returns the episode that it ended.
    pub(in crate::telemetry) fn succeeded(&self, now: Instant) -> Option<Recovery> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.ongoing.store(false, Ordering::Relaxed);
        let Episode { since, failures, .. } = episode.take()?;
        Some(Recovery { failures, lasted: now - since })
    }

    /// The start of the current episode. Only a success ends it.
    pub(in crate::telemetry) fn since(&self) -> Option<Instant> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        episode.as_ref().map(|episode| episode.since)
    }

    /// The start of the current episode, for troubles without a signal of success: it ends after `EPISODE_TIMEOUT`.
    pub(in crate::telemetry) fn recent_episode(&self, now: Instant) -> Option<Instant> {
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        let ongoing = episode.as_ref().filter(|episode| now - episode.last < EPISODE_TIMEOUT);
        ongoing.map(|episode| episode.since)
    }

    /// Ends the episode if nothing has failed for `long`, and returns it.
    pub(in crate::telemetry) fn quiet(&self, now: Instant, long: Duration) -> Option<Recovery> {
        let last = self.episode.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.last;
        if now.saturating_duration_since(last) < long {
            return None;
        }
        self.succeeded(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_repeats_is_said_once_then_every_half_minute_and_its_end_once() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        let later = begun + REPEAT_INTERVAL;
        assert_eq!(trouble.succeeded(begun), None);
        assert_eq!(trouble.failed(begun), Occurrence::First);
        assert_eq!(trouble.failed(begun + REPEAT_INTERVAL / 2), Occurrence::Suppressed);
        assert_eq!(
            trouble.failed(later),
            Occurrence::Ongoing { failures: 3, since: REPEAT_INTERVAL }
        );
        assert_eq!(trouble.failed(later), Occurrence::Suppressed);
        assert_eq!(
            trouble.succeeded(later),
            Some(Recovery { failures: 4, lasted: REPEAT_INTERVAL })
        );
        assert_eq!(trouble.succeeded(later), None);
        assert_eq!(trouble.failed(later), Occurrence::First);
    }

    #[test]
    fn since_when_it_goes_on_is_known_until_its_end() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        assert_eq!((trouble.since(), trouble.recent_episode(begun)), (None, None));
        trouble.failed(begun);
        trouble.failed(begun + EPISODE_TIMEOUT / 2);
        let later = begun + EPISODE_TIMEOUT;
        assert_eq!((trouble.since(), trouble.recent_episode(later)), (Some(begun), Some(begun)));
        assert_eq!(trouble.recent_episode(later + EPISODE_TIMEOUT / 2), None);
        trouble.succeeded(later);
        assert_eq!((trouble.since(), trouble.recent_episode(later)), (None, None));
    }

    #[test]
    fn a_failure_after_a_long_quiet_is_a_trouble_of_its_own() {
        let trouble = LogThrottle::default();
        let begun = Instant::now();
        assert_eq!(trouble.failed(begun), Occurrence::First);
        assert_eq!(trouble.failed(begun + EPISODE_TIMEOUT), Occurrence::First);
    }
}
