//! What operators and users notice.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::HUMAN,
    families::{Family, Registrar},
    labels::ConversationState,
};

/// What operators and users notice.
#[derive(Debug)]
pub struct DeskMetrics {
    /// Conversations now.
    pub conversations: Family<Gauge, ConversationState>,
    /// Conversations opened.
    pub opened: Counter,
    /// From a user's first message to the first answer.
    pub first_response: Histogram,
    /// Since when the user who has waited longest waits.
    pub oldest_unanswered_timestamp: Gauge,
}

impl DeskMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            conversations: r.gauges("supportbot_conversations", "Conversations by state."),
            opened: r.counter("supportbot_conversations_opened_total", "Conversations opened."),
            first_response: r.histogram(
                "supportbot_first_response_seconds",
                HUMAN,
                "Time from a user's unanswered message to the operators' first answer.",
            ),
            oldest_unanswered_timestamp: r.gauge(
                "supportbot_oldest_unanswered_timestamp_seconds",
                "Since when the user who has waited longest waits; 0 when nobody does.",
            ),
        }
    }
}
