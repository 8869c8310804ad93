//! `/healthz` and `/readyz`, in JSON.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use crate::telemetry::{Label as _, ProbeState, Stale};

use super::state::OpsState;

#[derive(Debug, Serialize)]
pub(super) struct Health {
    alive: bool,
    stale: Vec<StaleLoop>,
}

#[derive(Debug, Serialize)]
struct StaleLoop {
    task: &'static str,
    seconds_since_last_turn: u64,
    limit_seconds: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Ready {
    ready: bool,
    probes: Vec<ProbeAnswer>,
}

#[derive(Debug, Serialize)]
struct ProbeAnswer {
    probe: &'static str,
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    for_seconds: u64,
}

/// Whether every loop is alive.
pub(super) async fn healthz(State(state): State<OpsState>) -> (StatusCode, Json<Health>) {
    let late = state.heartbeats.stale().into_iter().map(StaleLoop::from).collect::<Vec<_>>();
    let alive = late.is_empty();
    (status(alive), Json(Health { alive, stale: late }))
}

/// Whether the program can work now.
pub(super) async fn readyz(State(state): State<OpsState>) -> (StatusCode, Json<Ready>) {
    let probes = state.readiness.probes().into_iter().map(ProbeAnswer::from).collect::<Vec<_>>();
    let ready = probes.iter().all(|probe| probe.ready);
    (status(ready), Json(Ready { ready, probes }))
}

fn status(good: bool) -> StatusCode {
    if good { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

impl From<Stale> for StaleLoop {
    fn from(stale: Stale) -> Self {
        Self {
            task: stale.task.as_str(),
            seconds_since_last_turn: stale.age.as_secs(),
            limit_seconds: stale.limit.as_secs(),
        }
    }
}

impl From<ProbeState> for ProbeAnswer {
    fn from(state: ProbeState) -> Self {
        Self {
            probe: state.probe.as_str(),
            ready: state.unready.is_none(),
            reason: state.unready,
            for_seconds: state.since.elapsed().as_secs(),
        }
    }
}
