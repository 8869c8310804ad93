//! The cache of topic hints.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use domain::{Partition, TopicId, UserId};

/// The hint of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::adapters::redis) struct TopicHint {
    /// The topic's latest known user.
    pub user: Option<UserId>,
    /// The partition of its updates; never changes.
    pub partition: Partition,
}

/// Cache of topic hints that are known to be stored.
#[derive(Debug)]
pub(in crate::adapters::redis) struct TopicHintCache(Mutex<LruCache<TopicId, TopicHint>>);

impl TopicHintCache {
    pub(in crate::adapters::redis) fn new(size: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(size)))
    }

    /// The partition of a topic's updates, if it is cached.
    pub(in crate::adapters::redis) fn partition(&self, topic: TopicId) -> Option<Partition> {
        self.lock().peek(&topic).map(|hint| hint.partition)
    }

    pub(super) fn get(&self, topic: TopicId) -> Option<TopicHint> {
        self.lock().get(&topic).copied()
    }

    pub(super) fn put(&self, topic: TopicId, hint: TopicHint) {
        self.lock().put(topic, hint);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<TopicId, TopicHint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
