//! The state that the operations server shows.

use crate::telemetry::{Heartbeats, Readiness, Telemetry};

use super::{hosts::Hosts, watchdog::Watchdog};

/// The state that the server shows; cheap to clone.
#[derive(Debug, Clone)]
pub struct OpsState {
    /// Source of `/metrics`.
    pub telemetry: Telemetry,
    /// Source of `/healthz`.
    pub heartbeats: Heartbeats,
    /// Source of `/readyz`.
    pub readiness: Readiness,
    /// Host names allowed for all paths except `/watchdog` and those below it, which require a token.
    pub hosts: Hosts,
    /// Receiver of `/watchdog` and what is below it; `None` if no watchdog is configured.
    pub watchdog: Option<Watchdog>,
}
