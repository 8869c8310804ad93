//! Idempotency keys: a call to the store that is repeated after a lost answer takes effect once and gets the same
//! answer.
//!
//! A script stores its answer under the key of the call. The key is deleted some time after the answer was received, so
//! that a delayed copy of the command still finds that it has already taken effect.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use domain::{Partition, UpdateId};
use ports::{Arrival, Commit};

use crate::adapters::redis::lease::ticks::Ticks;

use super::{commit_split, received_keys::ReceivedKeys};

/// Limit of remembered commits, and of remembered arrivals, that ended in an error.
const FAILED_LIMIT: usize = 4096;

/// A commit to write, with its idempotency key.
#[derive(Debug, Clone)]
pub(in crate::adapters::redis) struct KeyedCommit {
    pub commit: Commit,
    pub key: String,
    /// A repeated call: it may already have taken effect.
    pub repeated: bool,
    /// The first of the ticks reserved for it.
    pub first_tick: i64,
}

/// An arrival to store, with its idempotency key.
#[derive(Debug)]
pub(in crate::adapters::redis) struct KeyedArrival {
    pub arrival: Arrival,
    pub key: String,
    /// It was refused together with its commit, which may be the part that cannot be written: now the update is stored
    /// alone.
    pub without_commit: bool,
}

/// Assigns keys, and remembers calls that ended in an error.
#[derive(Debug)]
pub(in crate::adapters::redis) struct IdempotencyKeys {
    session: String,
    next: AtomicU64,
    written: Mutex<HashMap<String, Vec<Partition>>>,
    received: Mutex<HashMap<Partition, ReceivedKeys>>,
    failed: Mutex<FailedCalls>,
}

#[derive(Debug, Default)]
struct FailedCalls {
    commits: VecDeque<(Commit, String)>,
    arrivals: HashMap<UpdateId, KeyedArrival>,
}

impl IdempotencyKeys {
    /// Keys begin with `session`.
    pub(in crate::adapters::redis) fn new(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            next: AtomicU64::new(0),
            written: Mutex::default(),
            received: Mutex::default(),
            failed: Mutex::default(),
        }
    }

    /// A new key.
    fn new_key(&self) -> String {
        self.key_of(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn key_of(&self, number: u64) -> String {
        format!("{}.{number}", self.session)
    }

    /// Assigns keys and ticks to commits. A commit that ended in an error before keeps its key.
    pub(in crate::adapters::redis) fn commits(
        &self,
        commits: Vec<Commit>,
        ticks: &Ticks,
    ) -> Vec<KeyedCommit> {
        let mut failed = lock(&self.failed);
        let keyed = |commit: Commit| {
            let first_tick = ticks.reserve(commit_split::tick_count(&commit));
            let known = failed.commits.iter().position(|(one, _)| *one == commit);
            let earlier = known.and_then(|at| failed.commits.remove(at)).map(|(_, key)| key);
            let repeated = earlier.is_some();
            let key = earlier.unwrap_or_else(|| self.new_key());
            KeyedCommit { commit, key, repeated, first_tick }
        };
        commits.into_iter().map(keyed).collect()
    }

    /// Assigns a key to an arrival. If it ended in an error before, returns that arrival and its key unchanged.
    pub(in crate::adapters::redis) fn arrival(&self, arrival: Arrival) -> KeyedArrival {
        let earlier = lock(&self.failed).arrivals.remove(&arrival.update.update);
        earlier.unwrap_or_else(|| KeyedArrival {
            arrival,
            key: self.new_key(),
            without_commit: false,
        })
    }

    /// Remembers commits that ended in an error: they may have taken effect.
    pub(in crate::adapters::redis) fn remember_failed_commits(&self, commits: Vec<KeyedCommit>) {
        let mut failed = lock(&self.failed);
        failed.commits.extend(commits.into_iter().map(|one| (one.commit, one.key)));
        while failed.commits.len() > FAILED_LIMIT {
            failed.commits.pop_front();
        }
    }

    /// Remembers arrivals that ended in an error: they may have been stored. `refused` means that Redis rejected their
    /// contents.
    pub(in crate::adapters::redis) fn remember_failed_arrivals(
        &self,
        arrivals: Vec<KeyedArrival>,
        refused: bool,
    ) {
        let mut failed = lock(&self.failed);
        for mut keyed in arrivals {
            if failed.arrivals.len() < FAILED_LIMIT {
                keyed.without_commit |= refused;
                failed.arrivals.insert(keyed.arrival.update.update, keyed);
            }
        }
    }

    /// Records that a partition has stored answers under these keys. It keeps them until the whole call is done.
    pub(super) fn record_written(&self, partition: Partition, keys: Vec<String>) {
        let mut written = lock(&self.written);
        for key in keys {
            let partitions = written.entry(key).or_default();
            if !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
    }

    /// Records that the caller receives the answers to these calls: they are not repeated.
    pub(in crate::adapters::redis) fn record_received<'a>(
        &self,
        keys: impl Iterator<Item = &'a String>,
    ) {
        let now = Instant::now();
        let (mut written, mut received) = (lock(&self.written), lock(&self.received));
        for key in keys {
            let partitions = written.remove(key).unwrap_or_default();
            let number = key.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
            let Some(number) = number else { continue };
            for partition in partitions {
                received.entry(partition).or_default().add(number, now);
            }
        }
    }

    /// Takes keys of answers that a partition can delete.
    pub(super) fn deletable(&self, partition: Partition) -> Vec<String> {
        let mut received = lock(&self.received);
        let Some(keys) = received.get_mut(&partition) else { return Vec::new() };
        let deletable = keys.take_deletable(Instant::now());
        deletable.into_iter().map(|number| self.key_of(number)).collect()
    }

    /// Whether a partition has answers that it can delete.
    pub(super) fn has_deletable(&self, partition: Partition) -> bool {
        let received = lock(&self.received);
        received.get(&partition).is_some_and(|keys| keys.has_deletable(Instant::now()))
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
