//! Whether something is in trouble, so that a failure that repeats is said once and not a thousand
//! times.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a trouble that goes on is not mentioned again.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// A failure after so long without one is a trouble of its own, even if nothing has said that the last is over.
const OVER_AFTER: Duration = Duration::from_mins(2);

/// A trouble, if there is one.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Trouble {
    /// Asked on every success, so it must cost nothing.
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

/// What to say about a failure.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Say {
    /// The first of an episode.
    First,
    /// It goes on.
    Still { failures: u64, since: Duration },
    /// Said a moment ago.
    Nothing,
}

/// How an episode was.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Over {
    pub(in crate::telemetry) failures: u64,
    pub(in crate::telemetry) lasted: Duration,
}

impl Trouble {
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

    /// The episode that this success ended.
    pub(in crate::telemetry) fn worked(&self, now: Instant) -> Option<Over> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let mut episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        self.ongoing.store(false, Ordering::Relaxed);
        let Episode { since, failures, .. } = episode.take()?;
        Some(Over { failures, lasted: now - since })
    }

    /// Since when it goes on, until a success has ended it.
    pub(in crate::telemetry) fn since(&self) -> Option<Instant> {
        if !self.ongoing.load(Ordering::Relaxed) {
            return None;
        }
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        episode.as_ref().map(|episode| episode.since)
    }

    /// The same where no success is heard of: until nothing has failed for a while.
    pub(in crate::telemetry) fn lately(&self, now: Instant) -> Option<Instant> {
        let episode = self.episode.lock().unwrap_or_else(PoisonError::into_inner);
        let ongoing = episode.as_ref().filter(|episode| now - episode.last < OVER_AFTER);
        ongoing.map(|episode| episode.since)
    }

    /// The episode that is over because nothing has failed for so long.
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
        let trouble = Trouble::default();
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
        let trouble = Trouble::default();
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
        let trouble = Trouble::default();
        let begun = Instant::now();
        assert_eq!(trouble.failed(begun), Say::First);
        assert_eq!(trouble.failed(begun + OVER_AFTER), Say::First);
    }
}
