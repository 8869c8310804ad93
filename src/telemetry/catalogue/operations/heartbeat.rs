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
                "When the heartbeat last passed through the whole desk: worker, store, sender and Telegram. It is attempted every 15 seconds, with or without traffic; 0 before the first success.",
            ),
            duration: r.gauge(
                "supportbot_heartbeat_duration_seconds",
                "Duration of the last successful heartbeat.",
            ),
        }
    }
}
