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
                "Recipients of newsletters by what became of it: sent, blocked the bot, failed; and of those taken back: recalled, or kept because Telegram did not delete it.",
            ),
            running: r.gauge(
                "supportbot_newsletter_running",
                "Newsletters that are being sent or taken back, and not paused; counted where their authors' conversations are taken care of.",
            ),
            pending: r.gauge(
                "supportbot_newsletter_pending",
                "Recipients of newsletters under way, paused ones as well, for whom nothing is queued yet, in the parts of the conversations of this process.",
            ),
            queued: r.gauge(
                "supportbot_newsletter_queued",
                "Recipients of newsletters under way whose copy is queued. They are not counted in supportbot_queue_depth.",
            ),
        }
    }
}
