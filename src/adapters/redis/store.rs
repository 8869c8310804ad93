//! The handle on the Redis store: its state. The ports are in `ports/`.

use std::{
    collections::HashSet,
    sync::{Arc, atomic::AtomicI64},
};

use tokio::{
    sync::{Mutex, RwLock, RwLockReadGuard},
    task::JoinHandle,
};

use crate::adapters::cache::Cache;
use domain::{Millis, UserId};
use ports::StoreError;

use super::{
    client::connection::Connection,
    commit::{idempotency::IdempotencyKeys, topic_hints::TopicHintCache},
    lease::{lease_manager::LeaseManager, leases::Leases, ticks::Ticks},
    script::{arguments::Args, layout::Keys},
};

/// A user, and the user's entry in `requests`.
pub(super) type NumberedRequest = (UserId, String);

/// The store in Redis. If it is dropped without [`ports::Store::close`], the process counts as killed.
#[derive(Debug)]
pub struct RedisStore {
    pub(super) connection: Arc<Connection>,
    pub(super) keys: Keys,
    pub(super) leases: Arc<Leases>,
    pub(super) lease_manager: LeaseManager,
    pub(super) cache: Arc<Cache>,
    pub(super) topic_hints: TopicHintCache,
    pub(super) idempotency: IdempotencyKeys,
    pub(super) ticks: Arc<Ticks>,
    /// Whether the previous process ended without closing the store; set only if this process uses the store alone.
    pub(super) unclean: bool,
    /// Whether other processes may use the store.
    pub(super) shared: bool,
    pub(super) probes: AtomicI64,
    /// The entries of `requests` whose numbers the conversations contained at the last check, and the time of that
    /// check.
    pub(super) stored_requests: Mutex<Option<(Millis, HashSet<NumberedRequest>)>>,
    /// Whether `close` marks the store as closed uncleanly.
    pub(super) unclean_after: bool,
    /// Every call holds a read lock, so `close` waits for all calls.
    pub(super) closed: RwLock<bool>,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

impl RedisStore {
    /// Begins a call, unless the store is closed.
    pub(super) async fn enter(&self) -> Result<RwLockReadGuard<'_, bool>, StoreError> {
        let closed = self.closed.read().await;
        if *closed { Err(StoreError::Closed) } else { Ok(closed) }
    }

    /// Arguments that begin with this process's token.
    pub(super) fn args_with_token(&self) -> Args {
        Args::from(self.leases.token.as_str())
    }

    /// The current epoch of links: links of an earlier epoch are out of reach.
    pub(super) fn epoch(&self) -> i64 {
        self.leases.epoch()
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
