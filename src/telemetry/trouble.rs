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
        let Some(episode) = episode.as_mut() else {
            *episode = Some(Episode { since: now, said: now, failures: 1 });
            return Say::First;
        };
        episode.failures += 1;
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
}
