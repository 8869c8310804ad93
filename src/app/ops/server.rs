//! The operations server and its sources, which run until the desk's stop is over.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tracing::error;

use crate::{
    app::{Lifecycle, StartError},
    config::{PRIVATE_SUFFIXES, Settings},
    http::{self, OpsState},
    telemetry::{Heartbeats, Loop, Metrics, Readiness, Telemetry},
};
use ports::Clock;

use super::{backups, host_metrics};

/// Interval for draining histograms, which keep every sample until then: at 20,000 messages a second, five seconds
/// take 13 MB.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

/// The server answers from the first moment, so that a start that waits can be told from one that hangs.
pub(in crate::app) async fn serve_ops(
    settings: &Settings,
    telemetry: &Telemetry,
    heartbeats: &Heartbeats,
    readiness: &Readiness,
    watchdog: Option<http::Watchdog>,
    lifecycle: &Lifecycle,
) -> Result<SocketAddr, StartError> {
    let address = settings.ops.address;
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let (heartbeats, readiness) = (heartbeats.clone(), readiness.clone());
    let hosts = http::Hosts::new(&settings.ops.allowed_hosts, &PRIVATE_SUFFIXES);
    let telemetry = telemetry.clone();
    let state = OpsState { telemetry, heartbeats, readiness, hosts, watchdog };
    let intake = lifecycle.intake().clone();
    lifecycle.spawn("http", async move {
        if let Err(failed) = http::serve(listener, state, intake).await {
            error!(error = &failed as &dyn std::error::Error, "the operations server ended");
        }
    });
    Ok(bound)
}

/// Drains figures from memory. It needs nothing from outside, so it turns whenever the runtime runs tasks; it is watched
/// from here on, so during the start as well.
pub(in crate::app) fn spawn_upkeep(
    telemetry: &Telemetry,
    (heartbeats, stuck): (&Heartbeats, Duration),
    lifecycle: &Lifecycle,
) {
    let (telemetry, heartbeats) = (telemetry.clone(), heartbeats.clone());
    let intake = lifecycle.intake().clone();
    heartbeats.watch(Loop::Upkeep, stuck);
    lifecycle.spawn("upkeep", async move {
        let mut tick = tokio::time::interval(UPKEEP_INTERVAL);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
            }
            heartbeats.beat(Loop::Upkeep);
            telemetry.upkeep();
        }
    });
}

/// Watches the machine's resources and the state of backups. Neither loop is watched: users are served without them, and
/// both wait for file systems that may never answer.
pub(in crate::app) fn spawn_watchers(
    settings: &Settings,
    metrics: &Metrics,
    clock: &Arc<dyn Clock>,
    lifecycle: &Lifecycle,
) {
    let (folder, intake) = (settings.store.folder.clone(), lifecycle.intake());
    host_metrics::publish_settings(metrics, settings);
    let machine = host_metrics::watch(folder.clone(), metrics.clone(), intake.clone());
    lifecycle.spawn("machine", machine);
    let backups = backups::watch(folder, metrics.clone(), Arc::clone(clock), intake.clone());
    lifecycle.spawn("backups", backups);
}
