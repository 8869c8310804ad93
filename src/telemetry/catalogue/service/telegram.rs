//! Metrics of calls to Telegram, its rate limits and topics.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::API,
    registry::{
        families::{Family, Registrar},
        labels::{CallOutcome, HealReason, Method},
    },
};

/// Metrics of calls to Telegram, its rate limits and topics.
#[derive(Debug)]
pub struct TelegramMetrics {
    /// Calls by method and outcome.
    pub requests: Family<Counter, (Method, CallOutcome)>,
    /// Duration of a call.
    pub request_duration: Family<Histogram, Method>,
    /// Total seconds of `retry_after`; count through `events::flood_wait`.
    pub(in crate::telemetry) flood_wait: Counter,
    /// Number of calls in progress.
    pub in_flight: Gauge,
    /// Maximum number of concurrent sends.
    pub concurrency_limit: Gauge,
    /// When a call last succeeded.
    pub last_success_timestamp: Gauge,
    /// How far the desk's clock is ahead of Telegram's, in seconds.
    pub clock_skew: Gauge,
    /// Sends that were repeated because their answer was lost.
    pub possible_repeats: Counter,
    /// Conflicts with another poller; count through `events::poll_conflict`.
    pub(in crate::telemetry) poll_conflicts: Counter,
    /// Topics opened.
    pub topics_opened: Counter,
    /// Topics repaired; count through `events::topic_healed`.
    pub(in crate::telemetry) topics_healed: Family<Counter, HealReason>,
}

impl TelegramMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            requests: r.counters(
                "supportbot_telegram_api_requests_total",
                "Calls to the Bot API by method and outcome.",
            ),
            request_duration: r.histograms(
                "supportbot_telegram_api_request_duration_seconds",
                API,
                "Duration of calls to the Bot API; get_updates waits for updates by design.",
            ),
            flood_wait: r.counter(
                "supportbot_telegram_flood_wait_seconds_total",
                "Seconds that Telegram told the desk to wait (the sum of retry_after).",
            ),
            in_flight: r.gauge(
                "supportbot_telegram_api_in_flight",
                "Calls to the Bot API in flight; one of them is the long poll.",
            ),
            concurrency_limit: r.gauge(
                "supportbot_telegram_api_concurrency_limit",
                "Maximum number of concurrent sends (SEND_CONCURRENCY).",
            ),
            last_success_timestamp: r.gauge(
                "supportbot_telegram_api_last_success_timestamp_seconds",
                "When a call to the Bot API last succeeded.",
            ),
            clock_skew: r.gauge(
                "supportbot_telegram_clock_skew_seconds",
                "How far the desk's clock is ahead of Telegram's, by the dates of answers, which are truncated to seconds.",
            ),
            possible_repeats: r.counter(
                "supportbot_telegram_possible_repeats_total",
                "Sends repeated because their answer was lost: the message may have arrived twice.",
            ),
            poll_conflicts: r.counter(
                "supportbot_poll_conflicts_total",
                "Polls refused because another program polls with the same token.",
            ),
            topics_opened: r.counter("supportbot_topics_opened_total", "Topics opened for users."),
            topics_healed: r.counters(
                "supportbot_topics_healed_total",
                "Topics that were unusable and have been repaired, by cause.",
            ),
        }
    }
}
