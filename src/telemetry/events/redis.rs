//! Events of the connection to Redis and of the processes on it, as in `desk.rs`.

use std::time::Instant;

use tracing::{error, info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    logging::throttle::{Occurrence, Recovery},
};

/// Redis does not answer on an open connection.
pub fn redis_unanswered(metrics: &Metrics) {
    match metrics.troubles.redis.failed(Instant::now()) {
        Occurrence::First => warn!("Redis does not answer; reconnecting"),
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "Redis still does not answer");
        }
        Occurrence::Suppressed => {}
    }
}

/// Redis refuses the desk's password or user.
pub fn redis_denied(metrics: &Metrics) {
    match metrics.troubles.redis.failed(Instant::now()) {
        Occurrence::First => {
            error!(
                "Redis refuses the desk's password or user: check REDIS_PASSWORD and REDIS_USERNAME"
            );
        }
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            error!(failures, for_seconds, "Redis still refuses the desk's password or user");
        }
        Occurrence::Suppressed => {}
    }
}

/// Redis answered.
pub fn redis_answered(metrics: &Metrics) {
    if let Some(Recovery { failures, lasted }) = metrics.troubles.redis.succeeded(Instant::now()) {
        info!(failures, for_seconds = lasted.as_secs(), "Redis answers again");
    }
}

/// The connection to Redis was restored or lost.
pub fn redis_connected(metrics: &Metrics, connected: bool) {
    metrics.redis.connected.set(if connected { 1.0 } else { 0.0 });
    if connected {
        metrics.redis.reconnects.increment(1);
        info!("connected to Redis again");
    }
}

/// Another process took a partition of this process.
pub fn partition_lost(metrics: &Metrics) {
    warn!(
        "a partition was lost: this process did not renew its lease in time and another has taken it, or Redis was emptied"
    );
    metrics.replicas.lost.increment(1);
}

/// The settings of Redis allow it to lose data. `what` names the problem and the remedy.
pub fn redis_may_lose(what: &str) {
    warn!(what, "Redis may lose messages; REDIS_ACCEPT_LOSS=true silences this warning");
}
