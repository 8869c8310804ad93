//! Metrics of the group's rate limit: what its slots are used for, and who waits for them.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::HELD_BACK,
    registry::{
        families::{Family, Registrar},
        labels::{BudgetClass, LimitedClass},
    },
};

/// Metrics of the group's rate limit.
#[derive(Debug)]
pub struct BudgetMetrics {
    /// Slots used in the last period.
    pub slots: Family<Gauge, BudgetClass>,
    /// Slots used since the start.
    pub used: Family<Counter, BudgetClass>,
    /// The limit; 0 means no limit.
    pub limit_slots: Gauge,
    /// The share of the limit that was used in the last hour, by all processes; count through `events::limit_used`.
    pub(in crate::telemetry) hour_ratio: Gauge,
    /// How long limits held back what was sent.
    pub limit_delay: Family<Histogram, LimitedClass>,
    /// Number of lanes that wait for slots.
    pub lanes_waiting: Family<Gauge, BudgetClass>,
    /// The longest wait of a lane.
    pub longest_wait: Family<Gauge, BudgetClass>,
}

impl BudgetMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            slots: r.gauges(
                "supportbot_group_budget_slots",
                "Slots of the group's limit that this process used in the last minute, by what they were used for.",
            ),
            used: r.counters(
                "supportbot_group_budget_used_total",
                "Slots of the group's limit that this process has used, by what they were used for.",
            ),
            limit_slots: r.gauge(
                "supportbot_group_budget_limit_slots",
                "The group's limit: slots a minute over all processes (PACE_GROUP_PER_MINUTE); 0 means no limit.",
            ),
            hour_ratio: r.gauge(
                "supportbot_group_budget_used_hour_ratio",
                "The share of the group's limit that all processes together used in the last hour, or since this process started, if that is later.",
            ),
            limit_delay: r.histograms(
                "supportbot_limit_delay_seconds",
                HELD_BACK,
                "How long rate limits (full limits, retry_after) held back what was sent, by class. Until the topic is open, a new user's message counts under opening; after that, it counts like any other.",
            ),
            lanes_waiting: r.gauges(
                "supportbot_lanes_waiting",
                "Lanes in memory that are ready and wait for slots of the group's limit, by class; a lane to a topic stands for one user.",
            ),
            longest_wait: r.gauges(
                "supportbot_lanes_longest_wait_seconds",
                "The longest time that a lane has waited for slots of the group's limit, by class; 0 if none waits.",
            ),
        }
    }
}
