//! Routes, limits and the stop of the operations server.

use std::{future::IntoFuture, io, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware::from_fn_with_state,
    routing::{any, get},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

use crate::{
    http::{
        health,
        hosts::{Hosts, only_known},
        listener::Bounded,
        metrics, watchdog,
    },
    telemetry::{Heartbeats, Readiness, Telemetry},
};

/// No other request than that of the watchdog has a body worth reading.
const BODY_LIMIT: usize = 4 * 1024;
/// Answers come from memory; whatever takes longer is stuck.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long requests under way may hold up the stop; a half-sent one would do so for good.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// What the server tells about; cheap to clone.
#[derive(Debug, Clone)]
pub struct OpsState {
    /// For `/metrics`.
    pub telemetry: Telemetry,
    /// For `/healthz`.
    pub heartbeats: Heartbeats,
    /// For `/readyz`.
    pub readiness: Readiness,
    /// By which names all but `/watchdog` may be asked, which asks for a token.
    pub hosts: Hosts,
    /// For `/watchdog`; `None` if nobody is expected there.
    pub watchdog: Option<watchdog::Watchdog>,
}

/// Serves until `stop` is cancelled, and a moment longer for requests under way.
pub async fn serve(
    listener: TcpListener,
    state: OpsState,
    stop: CancellationToken,
) -> io::Result<()> {
    let server = axum::serve(Bounded::new(listener), router(state))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    until_stopped(server, stop).await
}

/// Runs a server until it has ended; after `stop`, requests under way get a moment longer, and no more.
pub(super) async fn until_stopped(
    server: impl Future<Output = io::Result<()>>,
    stop: CancellationToken,
) -> io::Result<()> {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_LIMIT).await;
    };
    tokio::select! {
        ended = server => ended,
        () = too_late => Ok(()),
    }
}

fn router(state: OpsState) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.hosts.clone(), only_known))
        .route(
            "/watchdog",
            any(watchdog::watchdog).layer(DefaultBodyLimit::max(watchdog::BODY_LIMIT)),
        )
        .with_state(state)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_LIMIT))
        .layer(CatchPanicLayer::new())
}
