//! Backups, as their own processes leave word of them.

use metrics::{Counter, Gauge};

use crate::telemetry::{
    families::{Family, Registrar},
    labels::BackupOutcome,
};

/// Backups, as their own processes leave word of them.
#[derive(Debug)]
pub struct BackupMetrics {
    /// Backups by how they ended, since the store was made.
    pub ended: Family<Counter, BackupOutcome>,
    /// Whether the last one failed; set through `events::backups_seen`.
    pub(in crate::telemetry) failing: Gauge,
    /// When the last good one was begun.
    pub last_timestamp: Gauge,
    /// How large it is.
    pub last_size: Gauge,
    /// How long it took, in seconds.
    pub last_duration: Gauge,
}

impl BackupMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            ended: r.counters(
                "supportbot_backups_total",
                "Backups by how they ended, since the store was made.",
            ),
            failing: r.gauge("supportbot_backup_failing", "1 if the last backup failed."),
            last_timestamp: r.gauge(
                "supportbot_backup_last_success_timestamp_seconds",
                "When the last backup that was made was begun; 0 if there was none.",
            ),
            last_size: r.gauge(
                "supportbot_backup_last_success_size_bytes",
                "Size of the last backup that was made.",
            ),
            last_duration: r.gauge(
                "supportbot_backup_last_success_duration_seconds",
                "How long the last backup that was made took.",
            ),
        }
    }
}
