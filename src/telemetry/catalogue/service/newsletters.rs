//! Metrics of newsletters.

use metrics::{Counter, Gauge};

use crate::telemetry::{
    registry::families::{Family, Registrar},
    registry::labels::Mailed,
};

/// Metrics of newsletters. The metrics of the outbox and of deliveries do not include them.
#[derive(Debug)]
pub struct NewsletterMetrics {
    /// Recipients by outcome; count through `telemetry::newsletters`.
    pub(in crate::telemetry) settled: Family<Counter, Mailed>,
    /// Newsletters in progress.
    pub running: Gauge,
    /// Recipients without a queued copy so far.
    pub pending: Gauge,
    /// Recipients whose copy is queued.
    pub queued: Gauge,
}

impl NewsletterMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            settled: r.counters(
                "supportbot_newsletter_recipients_total",
                "Recipients of newsletters by outcome: sent, blocked (the recipient has blocked the bot), failed; of a recalled newsletter: recalled, or kept (Telegram did not delete the copy).",
            ),
            running: r.gauge(
                "supportbot_newsletter_running",
                "Newsletters that are being sent or recalled and are not paused, in the partitions of this process.",
            ),
            pending: r.gauge(
                "supportbot_newsletter_pending",
                "Recipients of unfinished newsletters, including paused ones, for whom nothing is queued yet, in the partitions of this process.",
            ),
            queued: r.gauge(
                "supportbot_newsletter_queued",
                "Recipients of unfinished newsletters whose copy is queued. They are not counted in supportbot_queue_depth.",
            ),
        }
    }
}
