//! Idempotency keys: a call to the store that is repeated after a lost answer takes effect once and gets the same
//! answer.
//!
//! A script stores its answer under the key of the call. The key is deleted some time after the answer was received, so
//! that a delayed copy of the command still finds that it has already taken effect.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{Partition, UpdateId};
use ports::{Arrival, Commit};

use super::commit_split;

/// Time for which an answer is kept after it was received: longer than a command can be in progress.
const KEPT: Duration = Duration::from_mins(1);
/// Number of answers that one script forgets.
const DROPPED: usize = 256;
/// Capacity below which a list of keys is never shrunk; above it, a list shrinks when it is four times too large.
const SMALL: usize = 256;
/// Limit of remembered commits, and of remembered arrivals, that ended in an error.
const UNSURE: usize = 4096;

/// A commit to write, with its idempotency key.
#[derive(Debug, Clone)]
pub(in crate::adapters::redis) struct Asked {
    pub commit: Commit,
    pub attempt: String,
    /// A repeated call: it may already have taken effect.
    pub again: bool,
    /// The first of the ticks reserved for it.
    pub first: i64,
}

/// An arrival to store, with its idempotency key.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Named {
    pub arrival: Arrival,
    pub name: String,
    /// It was refused together with its commit, which may be the part that cannot be written: now the update is stored
    /// alone.
    pub plain: bool,
}

/// Assigns keys and ticks, and remembers calls that ended in an error.
#[derive(Debug)]
pub(in crate::adapters::redis) struct IdempotencyKeys {
    session: String,
    next: AtomicU64,
    tick: AtomicI64,
    written: Mutex<HashMap<String, Vec<Partition>>>,
    /// Keys whose answers were received, stored as numbers only, because there can be many.
    heard: Mutex<HashMap<Partition, VecDeque<(Instant, u64)>>>,
    unsure: Mutex<Unsure>,
}

#[derive(Debug, Default)]
struct Unsure {
    commits: VecDeque<(Commit, String)>,
    arrivals: HashMap<UpdateId, Named>,
}

impl IdempotencyKeys {
    /// Keys begin with `session`.
    pub(in crate::adapters::redis) fn new(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            next: AtomicU64::new(0),
            tick: AtomicI64::new(1),
            written: Mutex::default(),
            heard: Mutex::default(),
            unsure: Mutex::default(),
        }
    }

    /// Reserves `count` ticks and returns the first. Ticks rise, so later records have higher numbers in every
    /// partition.
    pub(in crate::adapters::redis) fn reserve(&self, count: i64) -> i64 {
        self.tick.fetch_add(count, Ordering::Relaxed)
    }

    /// Makes all ticks reserved from now on higher than `tick`.
    pub(in crate::adapters::redis) fn rise_to(&self, tick: i64) {
        self.tick.fetch_max(tick.saturating_add(1), Ordering::Relaxed);
    }

    /// A new key.
    fn name(&self) -> String {
        self.named(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn named(&self, number: u64) -> String {
        format!("{}.{number}", self.session)
    }

    /// Assigns keys to commits. A commit that ended in an error before keeps its key.
    pub(in crate::adapters::redis) fn commits(&self, commits: Vec<Commit>) -> Vec<Asked> {
        let mut unsure = lock(&self.unsure);
        let name = |commit: Commit| {
            let first = self.reserve(commit_split::numbers(&commit));
            let known = unsure.commits.iter().position(|(one, _)| *one == commit);
            let attempt = known.and_then(|at| unsure.commits.remove(at)).map(|(_, name)| name);
            let again = attempt.is_some();
            Asked { commit, attempt: attempt.unwrap_or_else(|| self.name()), again, first }
        };
        commits.into_iter().map(name).collect()
    }

    /// Assigns a key to an arrival. If it ended in an error before, returns that arrival and its key unchanged.
    pub(in crate::adapters::redis) fn arrival(&self, arrival: Arrival) -> Named {
        let before = lock(&self.unsure).arrivals.remove(&arrival.update.update);
        before.unwrap_or_else(|| Named { arrival, name: self.name(), plain: false })
    }

    /// Remembers commits that ended in an error: they may have taken effect.
    pub(in crate::adapters::redis) fn unsure(&self, asked: Vec<Asked>) {
        let mut unsure = lock(&self.unsure);
        unsure.commits.extend(asked.into_iter().map(|one| (one.commit, one.attempt)));
        while unsure.commits.len() > UNSURE {
            unsure.commits.pop_front();
        }
    }

    /// Remembers arrivals that ended in an error: they may have been stored. `refused` means that Redis rejected their
    /// contents.
    pub(in crate::adapters::redis) fn unsure_of(&self, arrivals: Vec<Named>, refused: bool) {
        let mut unsure = lock(&self.unsure);
        for mut named in arrivals {
            if unsure.arrivals.len() < UNSURE {
                named.plain |= refused;
                unsure.arrivals.insert(named.arrival.update.update, named);
            }
        }
    }

    /// Records that a partition has stored answers under these keys. It keeps them until the whole call is done.
    pub(in crate::adapters::redis) fn written(&self, partition: Partition, names: Vec<String>) {
        let mut written = lock(&self.written);
        for name in names {
            let partitions = written.entry(name).or_default();
            if !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
    }

    /// Records that the caller receives the answers to these calls: they are not repeated.
    pub(in crate::adapters::redis) fn heard<'a>(&self, names: impl Iterator<Item = &'a String>) {
        let now = Instant::now();
        let (mut written, mut heard) = (lock(&self.written), lock(&self.heard));
        for name in names {
            let partitions = written.remove(name).unwrap_or_default();
            let number = name.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
            let Some(number) = number else { continue };
            for partition in partitions {
                heard.entry(partition).or_default().push_back((now, number));
            }
        }
    }

    /// Takes keys of answers that a partition can delete.
    pub(in crate::adapters::redis) fn droppable(&self, partition: Partition) -> Vec<String> {
        let mut heard = lock(&self.heard);
        let Some(names) = heard.get_mut(&partition) else { return Vec::new() };
        let old = |(at, _): &&(Instant, u64)| at.elapsed() > KEPT;
        let count = names.iter().take(DROPPED).take_while(old).count();
        let dropped = names.drain(..count).map(|(_, number)| self.named(number)).collect();
        if names.capacity() > SMALL.max(names.len() * 4) {
            names.shrink_to(SMALL.max(names.len() * 2));
        }
        dropped
    }

    /// Whether a partition has answers that it can delete.
    pub(in crate::adapters::redis) fn has_droppable(&self, partition: Partition) -> bool {
        let heard = lock(&self.heard);
        heard.get(&partition).and_then(VecDeque::front).is_some_and(|(at, _)| at.elapsed() > KEPT)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
