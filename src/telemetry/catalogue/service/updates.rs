//! Metrics of updates, from their receipt to the commit.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::{AGE, HANDLING},
    registry::{
        families::{Family, Registrar},
        labels::{Handler, Outcome, Source, UpdateType},
    },
};

/// Metrics of updates, from their receipt to the commit.
#[derive(Debug)]
pub struct UpdateMetrics {
    /// Updates stored in the inbox.
    pub received: Family<Counter, (Source, UpdateType)>,
    /// Updates that were already known.
    pub duplicate: Counter,
    /// Updates that were handled.
    pub handled: Family<Counter, (Handler, Outcome)>,
    /// Time from claim to commit.
    pub handle_duration: Family<Histogram, Handler>,
    /// Time from Telegram's date of an update to its claim.
    pub age: Histogram,
    /// When the last update was received.
    pub last_timestamp: Gauge,
}

impl UpdateMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            received: r.counters(
                "supportbot_updates_received_total",
                "Updates that were received and stored, by source and type.",
            ),
            duplicate: r.counter(
                "supportbot_updates_duplicate_total",
                "Updates that Telegram sent again although they were known.",
            ),
            handled: r.counters(
                "supportbot_updates_handled_total",
                "Handled updates by handler and outcome. An error or a panic is one attempt.",
            ),
            handle_duration: r.histograms(
                "supportbot_update_handle_duration_seconds",
                HANDLING,
                "Time from the start of an update's handling to its commit.",
            ),
            age: r.histogram(
                "supportbot_update_age_seconds",
                AGE,
                "Age of an update when its handling began, by Telegram's date; shows a backlog at Telegram.",
            ),
            last_timestamp: r.gauge(
                "supportbot_last_update_timestamp_seconds",
                "When the last update was received.",
            ),
        }
    }
}
