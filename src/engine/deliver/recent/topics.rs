//! Remembers which topics were recently seen to exist.
//!
//! Telegram does not say where a copy has landed, and a message to a deleted topic may land in General. Therefore,
//! before the first copy into a topic that was not seen for a long time, the engine checks its card. This is kept in
//! memory only: forgetting costs one check, which no rate limit counts.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use domain::TopicId;

/// How long a topic that was seen is assumed to exist.
const TRUSTED_FOR: Duration = Duration::from_hours(6);

/// Number of remembered topics; those seen longest ago are removed first.
const REMEMBERED: usize = 20_000;

/// When each topic was last seen.
#[derive(Debug, Default)]
pub(in crate::engine) struct Topics(Mutex<HashMap<TopicId, Instant>>);

impl Topics {
    /// A topic exists: an update came from it, or Telegram named it as a message's place.
    pub(in crate::engine) fn seen(&self, topic: TopicId, now: Instant) {
        let mut seen = self.lock();
        if seen.len() >= REMEMBERED && !seen.contains_key(&topic) {
            seen.retain(|_, at| now.duration_since(*at) < TRUSTED_FOR);
            if seen.len() >= REMEMBERED {
                seen.clear();
            }
        }
        seen.insert(topic, now);
    }

    /// Whether a topic was not seen for a long time.
    pub(in crate::engine) fn doubtful(&self, topic: TopicId, now: Instant) -> bool {
        self.lock().get(&topic).is_none_or(|at| now.duration_since(*at) >= TRUSTED_FOR)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TopicId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_doubtful_until_it_is_seen_and_long_afterwards() {
        let (topics, now) = (Topics::default(), Instant::now());
        assert!(topics.doubtful(TopicId(2), now));
        topics.seen(TopicId(2), now);
        assert!(!topics.doubtful(TopicId(2), now + TRUSTED_FOR / 2));
        assert!(topics.doubtful(TopicId(2), now + TRUSTED_FOR));
    }

    #[test]
    fn memory_is_bounded() {
        let (topics, now) = (Topics::default(), Instant::now());
        for topic in 0..100_000 {
            topics.seen(TopicId(topic), now);
        }
        assert!(topics.lock().len() <= REMEMBERED);
        assert!(!topics.doubtful(TopicId(99_999), now));
    }
}
