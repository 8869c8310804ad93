//! Readiness, as plain values that the HTTP server reads.
//!
//! Invariant: reading it has no side effects. Probes update it at their own pace.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use crate::telemetry::{
    catalogue::Metrics,
    registry::{
        label::Label,
        labels::{Probe, StoreOperation},
    },
};

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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::telemetry::{events, registry::labels::StoreFailure};

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
