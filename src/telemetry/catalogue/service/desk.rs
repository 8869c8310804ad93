//! Metrics of conversations, which operators and users notice.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::HUMAN,
    registry::{
        families::{Family, Registrar},
        labels::ConversationState,
    },
};

/// Metrics of conversations.
#[derive(Debug)]
pub struct DeskMetrics {
    /// Number of conversations by state.
    pub conversations: Family<Gauge, ConversationState>,
    /// Conversations opened.
    pub opened: Counter,
    /// Time from a user's first unanswered message to the operators' first answer.
    pub first_response: Histogram,
    /// Since when the longest waiting user has been waiting.
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
                "When the wait of the user who has waited longest began; 0 if nobody waits.",
            ),
        }
    }
}
