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

use crate::http::serving::serve_until;

use super::{
    health, hosts::allow_known_hosts, listener::BoundedListener, metrics, state::OpsState, watchdog,
};

/// Size limit of a request's body. Only `/watchdog` needs a body, and has its own limit.
const BODY_LIMIT: usize = 4 * 1024;
/// Time limit of an answer. Answers come from memory; a slower one is stuck.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// Serves until `stop` is cancelled, and then briefly waits for open requests.
pub async fn serve(
    listener: TcpListener,
    state: OpsState,
    stop: CancellationToken,
) -> io::Result<()> {
    let server = axum::serve(BoundedListener::new(listener), router(state))
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    serve_until(stop, server).await
}

fn router(state: OpsState) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.hosts.clone(), allow_known_hosts))
        .route(
            "/watchdog",
            any(watchdog::watchdog)
                .layer(DefaultBodyLimit::max(watchdog::BODY_LIMIT))
                .with_state(state.watchdog.clone()),
        )
        .route(
            "/watchdog/undelivered",
            any(watchdog::undelivered)
                .layer(DefaultBodyLimit::max(watchdog::BODY_LIMIT))
                .with_state(state.watchdog.clone()),
        )
        .with_state(state)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_LIMIT))
        .layer(CatchPanicLayer::new())
}
