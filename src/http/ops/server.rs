//! The operations server: routes, limits and shutdown.

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

use crate::telemetry::{Heartbeats, Readiness, Telemetry};

use super::{
    health,
    hosts::{Hosts, only_known},
    listener::BoundedListener,
    metrics, watchdog,
};

/// Size limit of a request's body. Only `/watchdog` needs a body, and has its own limit.
const BODY_LIMIT: usize = 4 * 1024;
/// Time limit of an answer. Answers come from memory; a slower one is stuck.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long open requests may delay the shutdown; an unfinished request would otherwise delay it forever.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// The state that the server shows; cheap to clone.
#[derive(Debug, Clone)]
pub struct OpsState {
    /// Source of `/metrics`.
    pub telemetry: Telemetry,
    /// Source of `/healthz`.
    pub heartbeats: Heartbeats,
    /// Source of `/readyz`.
    pub readiness: Readiness,
    /// Host names allowed for all paths except `/watchdog`, which requires a token.
    pub hosts: Hosts,
    /// Receiver of `/watchdog`; `None` if no watchdog is configured.
    pub watchdog: Option<watchdog::Watchdog>,
}

/// Serves until `stop` is cancelled, and then briefly waits for open requests.
pub async fn serve(
    listener: TcpListener,
    state: OpsState,
    stop: CancellationToken,
) -> io::Result<()> {
    let server = axum::serve(BoundedListener::new(listener), router(state))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    until_stopped(server, stop).await
}

/// Runs a server until it has ended. After `stop`, open requests get a short time limit.
pub(in crate::http) async fn until_stopped(
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
