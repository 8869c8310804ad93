//! Metrics of the heartbeat, which passes through every part of the desk even without traffic.

use metrics::Gauge;

use crate::telemetry::registry::families::Registrar;

/// Metrics of the heartbeat.
#[derive(Debug)]
pub struct HeartbeatMetrics {
    /// When the last heartbeat completed.
    pub last_success_timestamp: Gauge,
    /// Duration of the last completed heartbeat.
    pub duration: Gauge,
}

impl HeartbeatMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            last_success_timestamp: r.gauge(
                "supportbot_heartbeat_last_success_timestamp_seconds",
                "When a beat last went through all of the desk: worker, store, sender and Telegram. One is tried every 15 seconds, with or without traffic; 0 before the first.",
            ),
            duration: r.gauge(
                "supportbot_heartbeat_duration_seconds",
                "How long the last beat took that went through all of the desk.",
            ),
        }
    }
}
