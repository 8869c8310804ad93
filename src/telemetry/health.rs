//! Liveness and readiness, as plain values that the HTTP server reads.
//!
//! Invariant: reading them has no side effects. Loops and probes update them at their own pace.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::telemetry::{
    catalogue::Metrics,
    registry::{
        label::Label,
        labels::{Loop, Probe, StoreOperation},
    },
};

/// The last iteration of each loop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Heartbeats(Arc<Beats>);

#[derive(Debug)]
struct Beats {
    epoch: Instant,
    loops: Vec<Beat>,
}

#[derive(Debug, Default)]
struct Beat {
    /// Milliseconds from `Beats::epoch` to the last iteration.
    last: AtomicU64,
    /// Maximum time between iterations, in milliseconds; 0 if the loop is not watched.
    limit: AtomicU64,
}

/// A loop without a recent iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// The stale loop.
    pub task: Loop,
    /// Time since its last iteration.
    pub age: Duration,
    /// Maximum time between iterations.
    pub limit: Duration,
}

impl Heartbeats {
    /// Creates the set of heartbeats. No loop is watched yet.
    pub fn new() -> Self {
        let loops = Loop::ALL.iter().map(|_| Beat::default()).collect();
        Self(Arc::new(Beats { epoch: Instant::now(), loops }))
    }

    /// Watches a loop: from now on it must complete an iteration within every `limit`.
    pub fn watch(&self, task: Loop, limit: Duration) {
        self.beat(task);
        self.of(task).limit.store(millis(limit).max(1), Ordering::Relaxed);
    }

    /// Records an iteration of a loop.
    pub fn beat(&self, task: Loop) {
        self.of(task).last.store(millis(self.0.epoch.elapsed()), Ordering::Relaxed);
    }

    /// Stops watching a loop that has ended as it should.
    pub fn retire(&self, task: Loop) {
        self.of(task).limit.store(0, Ordering::Relaxed);
    }

    /// The watched loops that are over their limit.
    pub fn stale(&self) -> Vec<Stale> {
        self.stale_at(Instant::now())
    }

    fn stale_at(&self, now: Instant) -> Vec<Stale> {
        let late = |(task, age, limit)| (age > limit).then_some(Stale { task, age, limit });
        self.watched(now).filter_map(late).collect()
    }

    /// Publishes the last iterations as metrics. `now` is in seconds since the epoch.
    pub fn publish(&self, metrics: &Metrics, now: f64) {
        for (task, age, _limit) in self.watched(Instant::now()) {
            metrics.program.heartbeat_timestamp.of(task).set(now - age.as_secs_f64());
        }
    }

    fn watched(&self, now: Instant) -> impl Iterator<Item = (Loop, Duration, Duration)> {
        let now = millis(now - self.0.epoch);
        Loop::ALL.iter().copied().filter_map(move |task| {
            let beat = self.of(task);
            let limit = beat.limit.load(Ordering::Relaxed);
            let age = now.saturating_sub(beat.last.load(Ordering::Relaxed));
            let figures = (task, Duration::from_millis(age), Duration::from_millis(limit));
            (limit > 0).then_some(figures)
        })
    }

    fn of(&self, task: Loop) -> &Beat {
        &self.0.loops[task.index()]
    }
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self::new()
    }
}

/// Readiness, as the background probes report it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Readiness {
    metrics: Metrics,
    probes: Arc<Mutex<Vec<ProbeState>>>,
}

/// The last result of a probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeState {
    /// The probe.
    pub probe: Probe,
    /// Why it is not ready; `None` if it is.
    pub unready: Option<String>,
    /// When it became ready or unready.
    pub since: Instant,
}

impl Readiness {
    /// Creates the readiness. It is not ready until the probes of store, Telegram and group have succeeded.
    pub fn new(metrics: &Metrics) -> Self {
        let first = |probe: &Probe| {
            let unready = match probe {
                Probe::Store | Probe::Telegram | Probe::Group => Some("not probed yet".to_owned()),
                Probe::Draining => None,
            };
            let ready = if unready.is_none() { 1.0 } else { 0.0 };
            metrics.program.ready.of(*probe).set(ready);
            ProbeState { probe: *probe, unready, since: Instant::now() }
        };
        let probes = Probe::ALL.iter().map(first).collect();
        Self { metrics: metrics.clone(), probes: Arc::new(Mutex::new(probes)) }
    }

    /// Records that a probe succeeded.
    pub fn ready(&self, probe: Probe) {
        self.set(probe, None);
    }

    /// Records that a probe failed. The reason is public, so it must not contain anything private.
    pub fn unready(&self, probe: Probe, reason: &str) {
        self.set(probe, Some(reason.to_owned()));
    }

    /// Whether the last result of the probe was a success.
    pub fn is_ready(&self, probe: Probe) -> bool {
        let probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        probes.get(probe.index()).is_some_and(|state| state.unready.is_none())
    }

    /// Records that the store answered its probe, and returns whether it is ready. A full disk may have room for the
    /// few bytes of a probe, and a Redis may accept the probe and nothing else. So the store is ready only if no real write
    /// of any kind has failed recently, or one of that kind has worked since.
    pub fn store_answered(&self) -> bool {
        let (now, troubles) = (Instant::now(), &self.metrics.troubles.store);
        let writes = [StoreOperation::Receive, StoreOperation::Commit, StoreOperation::Bury];
        let failing = |write| troubles.of(write).recent_episode(now).is_some();
        let refused = writes.into_iter().any(failing);
        self.set(Probe::Store, refused.then(|| "the store answers, but writes fail".to_owned()));
        !refused
    }

    /// Records that the program has begun to stop.
    pub fn drain(&self) {
        self.unready(Probe::Draining, "stopping: finishing work in progress");
    }

    /// The last result of every probe.
    pub fn probes(&self) -> Vec<ProbeState> {
        self.probes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, probe: Probe, unready: Option<String>) {
        self.metrics.program.ready.of(probe).set(if unready.is_none() { 1.0 } else { 0.0 });
        let mut probes = self.probes.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut probes[probe.index()];
        if state.unready.is_none() != unready.is_none() {
            state.since = Instant::now();
        }
        state.unready = unready;
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{events, registry::labels::StoreFailure};

    #[test]
    fn a_loop_is_stale_only_after_its_limit_and_never_once_it_retired() {
        let heartbeats = Heartbeats::new();
        let limit = Duration::from_mins(1);
        heartbeats.watch(Loop::Poll, limit);
        let now = Instant::now();
        assert_eq!(heartbeats.stale_at(now + limit / 2), []);
        assert_eq!(heartbeats.stale_at(now + limit * 2)[0].task, Loop::Poll);
        heartbeats.retire(Loop::Poll);
        assert_eq!(heartbeats.stale_at(now + limit * 2), []);
    }

    #[test]
    fn the_time_of_an_outage_counts_from_its_first_failure() {
        let readiness = Readiness::new(&Metrics::nowhere());
        let store = || readiness.probes()[Probe::Store.index()].clone();
        readiness.ready(Probe::Store);
        readiness.unready(Probe::Store, "disk full");
        let since = store().since;
        readiness.unready(Probe::Store, "disk still full");
        assert_eq!(store().unready.as_deref(), Some("disk still full"));
        assert_eq!(store().since, since);
    }

    #[test]
    fn a_store_that_answers_is_ready_only_while_its_writes_succeed() {
        let metrics = Metrics::nowhere();
        let readiness = Readiness::new(&metrics);
        assert!(readiness.store_answered());
        let full = std::io::Error::other("disk full");
        events::store_failed(&metrics, StoreOperation::Receive, StoreFailure::Full, &full);
        assert!(!readiness.store_answered() && !readiness.is_ready(Probe::Store));
        events::store_worked(&metrics, StoreOperation::Receive, Duration::ZERO);
        assert!(readiness.store_answered() && readiness.is_ready(Probe::Store));
    }
}
