//! `/metrics`, in Prometheus' text format.

use axum::{
    extract::State,
    http::header::{CONTENT_TYPE, HeaderName},
};

use super::state::OpsState;

/// Prometheus 3 refuses an answer whose content type it does not know.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(
    State(state): State<OpsState>,
) -> ([(HeaderName, &'static str); 1], String) {
    ([(CONTENT_TYPE, TEXT_FORMAT)], state.telemetry.render())
}
