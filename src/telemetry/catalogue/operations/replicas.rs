//! Metrics of the processes that share a store.

use metrics::{Counter, Gauge};

use crate::telemetry::registry::families::Registrar;

/// Metrics of the processes that share a store in Redis; all 0 with the embedded store.
#[derive(Debug)]
pub struct ReplicaMetrics {
    /// Number of processes, including this one.
    pub processes: Gauge,
    /// Number of partitions that the processes share.
    pub partitions: Gauge,
    /// Number of partitions assigned to this process.
    pub held: Gauge,
    /// Partitions that this process took over.
    pub taken: Counter,
    /// Partitions that this process lost; count through `events::partition_lost`.
    pub lost: Counter,
    /// How far this machine's clock is ahead of Redis' clock, in seconds.
    pub clock_skew: Gauge,
}

impl ReplicaMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            processes: r.gauge(
                "supportbot_replicas",
                "Processes that share this store, including this one; 0 with the embedded store.",
            ),
            partitions: r.gauge(
                "supportbot_partitions",
                "Partitions that the processes on this store share; 0 with the embedded store.",
            ),
            held: r.gauge(
                "supportbot_partitions_held",
                "Partitions that this process owns, of 16; 0 with the embedded store.",
            ),
            taken: r.counter(
                "supportbot_partitions_taken_total",
                "Partitions that were assigned to this process, at its start or from others.",
            ),
            lost: r.counter(
                "supportbot_partitions_lost_total",
                "Partitions that other processes took because this one did not renew its lease in time.",
            ),
            clock_skew: r.gauge(
                "supportbot_clock_skew_seconds",
                "How far this machine's clock is ahead of the clock of Redis.",
            ),
        }
    }
}
