//! Metrics of the webhook: requests to it, and its state at Telegram.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::FAST,
    registry::{
        families::{Family, Registrar},
        labels::Pushed,
    },
};

/// Metrics of the webhook: requests to it, and its state at Telegram.
#[derive(Debug)]
pub struct WebhookMetrics {
    /// Whether the settings choose the webhook.
    pub enabled: Gauge,
    /// Requests by outcome; count through `events::webhook_answered`.
    pub(in crate::telemetry) requests: Family<Counter, Pushed>,
    /// Time from the head of a request to its answer.
    pub(in crate::telemetry) request_duration: Histogram,
    /// Unauthenticated connections that were closed to make room.
    pub dismissed: Counter,
    /// Whether the webhook is set to our URL.
    pub ours: Gauge,
    /// Times that the webhook was set again; count through `events::webhook_put_right`.
    pub(in crate::telemetry) put_right: Counter,
    /// Number of updates waiting at Telegram.
    pub pending: Gauge,
    /// When Telegram last failed to push an update.
    pub last_error_timestamp: Gauge,
    /// When the Bot API server last failed to fetch updates.
    pub last_synchronization_error_timestamp: Gauge,
}

impl WebhookMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            enabled: r.gauge(
                "supportbot_webhook_enabled",
                "1 if the settings enable the webhook, 0 if the desk polls. It does not tell whether the webhook works.",
            ),
            requests: r.counters(
                "supportbot_webhook_requests_total",
                "Requests to the webhook by outcome. Full, unstored, busy and stopping are answered 503, and Telegram repeats them.",
            ),
            request_duration: r.histogram(
                "supportbot_webhook_request_duration_seconds",
                FAST,
                "Time from the headers of a request with the right secret to its answer, including the store's sync.",
            ),
            dismissed: r.counter(
                "supportbot_webhook_connections_dismissed_total",
                "Connections to the webhook that had not sent the right secret and were closed to make room for others.",
            ),
            ours: r.gauge(
                "supportbot_webhook_ours",
                "1 if the webhook is set to this desk, as of the last check; 0 while the desk polls.",
            ),
            put_right: r.counter(
                "supportbot_webhook_put_right_total",
                "Number of times that another program had changed the webhook and the desk set it again.",
            ),
            pending: r.gauge(
                "supportbot_webhook_pending_updates",
                "Updates that wait at Telegram to be pushed, as of the last check.",
            ),
            last_error_timestamp: r.gauge(
                "supportbot_webhook_last_error_timestamp_seconds",
                "When Telegram last failed to push an update.",
            ),
            last_synchronization_error_timestamp: r.gauge(
                "supportbot_webhook_last_synchronization_error_timestamp_seconds",
                "When Telegram's webhook server last failed to fetch updates from its datacenters.",
            ),
        }
    }
}
