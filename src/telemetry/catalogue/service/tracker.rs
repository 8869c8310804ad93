//! Metrics of reports to the tracker.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::API,
    registry::families::{Family, Registrar},
    registry::labels::Reported,
};

/// Metrics of reports to the tracker. The metrics of the outbox and of deliveries do not include them.
#[derive(Debug)]
pub struct TrackerMetrics {
    /// Attempts by outcome; count through `telemetry::tracker`.
    pub(in crate::telemetry) reports: Family<Counter, Reported>,
    /// Duration of attempts; recorded through `telemetry::tracker`.
    pub(in crate::telemetry) duration: Histogram,
    /// Number of waiting reports.
    pub waiting: Gauge,
    /// When the update of the oldest waiting report was received.
    pub oldest_timestamp: Gauge,
}

impl TrackerMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            reports: r.counters(
                "supportbot_tracker_reports_total",
                "Attempts to report to TGTrack, by outcome. Refused and expired reports become dead letters, reports after TGTrack was switched off are dropped, and all others that were not taken are retried.",
            ),
            duration: r.histogram(
                "supportbot_tracker_report_duration_seconds",
                API,
                "Duration of attempts to report to TGTrack.",
            ),
            waiting: r.gauge(
                "supportbot_tracker_waiting",
                "Waiting reports to TGTrack. They are not counted in supportbot_queue_depth.",
            ),
            oldest_timestamp: r.gauge(
                "supportbot_tracker_oldest_enqueued_timestamp_seconds",
                "When the update of the oldest waiting report to TGTrack was received; 0 if none waits.",
            ),
        }
    }
}
