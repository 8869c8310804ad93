//! Calls that may have been done although nobody heard: each has a name, so that asked for again it answers as before.
//!
//! A script keeps its answer under the name of the call. The name is let go of some time after the answer was heard, so
//! that a command which was held up on the way still finds that it was done.

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

/// Time for which an answer is kept after it was received: longer than a command can be under way.
const KEPT: Duration = Duration::from_mins(1);
/// Number of answers that one script forgets.
const DROPPED: usize = 256;
/// A list of answers gives back what a rush took when it is four times too large, unless it is small.
const SMALL: usize = 256;
/// Limit of remembered calls that ended in an error.
const UNSURE: usize = 4096;

/// A commit that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub commit: Commit,
    pub attempt: String,
    /// It may have been done before.
    pub again: bool,
    /// The first of its numbers.
    pub first: i64,
}

/// An arrival that is asked for.
#[derive(Debug)]
pub(super) struct Named {
    pub arrival: Arrival,
    pub name: String,
    /// It was refused with what it leads to, which may be what cannot be written: now it is stored alone.
    pub plain: bool,
}

/// Gives names and numbers, and remembers what ended in an error.
#[derive(Debug)]
pub(super) struct IdempotencyKeys {
    session: String,
    next: AtomicU64,
    tick: AtomicI64,
    written: Mutex<HashMap<String, Vec<Partition>>>,
    /// By the numbers in their names: there are many in a rush.
    heard: Mutex<HashMap<Partition, VecDeque<(Instant, u64)>>>,
    unsure: Mutex<Unsure>,
}

#[derive(Debug, Default)]
struct Unsure {
    commits: VecDeque<(Commit, String)>,
    arrivals: HashMap<UpdateId, Named>,
}

impl IdempotencyKeys {
    /// Names that begin with `session`.
    pub(super) fn new(session: &str) -> Self {
        Self {
            session: session.to_owned(),
            next: AtomicU64::new(0),
            tick: AtomicI64::new(1),
            written: Mutex::default(),
            heard: Mutex::default(),
            unsure: Mutex::default(),
        }
    }

    /// The first of so many numbers. Rising, so that what comes later has a higher one in every partition.
    pub(super) fn reserve(&self, count: i64) -> i64 {
        self.tick.fetch_add(count, Ordering::Relaxed)
    }

    /// Numbers given from now on are higher than this tick.
    pub(super) fn rise_to(&self, tick: i64) {
        self.tick.fetch_max(tick.saturating_add(1), Ordering::Relaxed);
    }

    /// A name.
    fn name(&self) -> String {
        self.named(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn named(&self, number: u64) -> String {
        format!("{}.{number}", self.session)
    }

    /// Names commits: those that ended in an error are asked for under their old names.
    pub(super) fn commits(&self, commits: Vec<Commit>) -> Vec<Asked> {
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

    /// Names an arrival. What came before, and ended in an error, is asked for as it was asked for then.
    pub(super) fn arrival(&self, arrival: Arrival) -> Named {
        let before = lock(&self.unsure).arrivals.remove(&arrival.update.update);
        before.unwrap_or_else(|| Named { arrival, name: self.name(), plain: false })
    }

    /// These commits ended in an error: perhaps they were done.
    pub(super) fn unsure(&self, asked: Vec<Asked>) {
        let mut unsure = lock(&self.unsure);
        unsure.commits.extend(asked.into_iter().map(|one| (one.commit, one.attempt)));
        while unsure.commits.len() > UNSURE {
            unsure.commits.pop_front();
        }
    }

    /// These arrivals ended in an error: perhaps they were taken in. `refused`: something of them cannot be written.
    pub(super) fn unsure_of(&self, arrivals: Vec<Named>, refused: bool) {
        let mut unsure = lock(&self.unsure);
        for mut named in arrivals {
            if unsure.arrivals.len() < UNSURE {
                named.plain |= refused;
                unsure.arrivals.insert(named.arrival.update.update, named);
            }
        }
    }

    /// A partition has answered to these. It must go on to know them until all of their call is done.
    pub(super) fn written(&self, partition: Partition, names: Vec<String>) {
        let mut written = lock(&self.written);
        for name in names {
            let partitions = written.entry(name).or_default();
            if !partitions.contains(&partition) {
                partitions.push(partition);
            }
        }
    }

    /// The caller hears the answers to these: nobody asks for them again.
    pub(super) fn heard<'a>(&self, names: impl Iterator<Item = &'a String>) {
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

    /// Answers that a partition need not keep any longer.
    pub(super) fn droppable(&self, partition: Partition) -> Vec<String> {
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

    /// Whether a partition keeps answers that it need not keep any longer.
    pub(super) fn has_droppable(&self, partition: Partition) -> bool {
        let heard = lock(&self.heard);
        heard.get(&partition).and_then(VecDeque::front).is_some_and(|(at, _)| at.elapsed() > KEPT)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
