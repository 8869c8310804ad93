//! The webhook: who asks, and what Telegram says of it.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::FAST,
    families::{Family, Registrar},
    labels::Pushed,
};

/// The webhook: who asks, and what Telegram says of it.
#[derive(Debug)]
pub struct WebhookMetrics {
    /// Whether updates are to come by it.
    pub enabled: Gauge,
    /// Requests by what they came to; count through `events::webhook_answered`.
    pub(in crate::telemetry) requests: Family<Counter, Pushed>,
    /// From a request's head to its answer.
    pub(in crate::telemetry) request_duration: Histogram,
    /// Connections of strangers that were closed to make room.
    pub dismissed: Counter,
    /// Whether Telegram pushes to our address.
    pub ours: Gauge,
    /// Times it was put right; count through `events::webhook_put_right`.
    pub(in crate::telemetry) put_right: Counter,
    /// Updates that wait at Telegram.
    pub pending: Gauge,
    /// When Telegram last failed to push.
    pub last_error_timestamp: Gauge,
    /// When Telegram's server last failed to learn of updates.
    pub last_synchronization_error_timestamp: Gauge,
}

impl WebhookMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            enabled: r.gauge(
                "supportbot_webhook_enabled",
                "1 if the settings say that Telegram pushes updates, 0 if the desk polls; whether that works, others say.",
            ),
            requests: r.counters(
                "supportbot_webhook_requests_total",
                "Requests to the webhook by what they came to; full, unstored, busy and stopping are answered 503, and Telegram repeats them.",
            ),
            request_duration: r.histogram(
                "supportbot_webhook_request_duration_seconds",
                FAST,
                "Time from the head of a request with the right secret to its answer, the store's sync included.",
            ),
            dismissed: r.counter(
                "supportbot_webhook_connections_dismissed_total",
                "Connections to the webhook without a right secret so far that were closed to make room for others.",
            ),
            ours: r.gauge(
                "supportbot_webhook_ours",
                "1 if Telegram pushes updates to this desk, as last seen; 0 while the desk polls.",
            ),
            put_right: r.counter(
                "supportbot_webhook_put_right_total",
                "Times that the webhook was found changed by somebody else and was set again.",
            ),
            pending: r.gauge(
                "supportbot_webhook_pending_updates",
                "Updates that wait at Telegram to be pushed, as last seen.",
            ),
            last_error_timestamp: r.gauge(
                "supportbot_webhook_last_error_timestamp_seconds",
                "When Telegram last failed to push an update.",
            ),
            last_synchronization_error_timestamp: r.gauge(
                "supportbot_webhook_last_synchronization_error_timestamp_seconds",
                "When Telegram's server last failed to learn of updates from its datacenters.",
            ),
        }
    }
}
