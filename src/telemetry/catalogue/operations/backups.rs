//! Metrics of backups, from the status that backup processes leave on disk.

use metrics::{Counter, Gauge};

use crate::telemetry::registry::{
    families::{Family, Registrar},
    labels::BackupOutcome,
};

/// Metrics of backups.
#[derive(Debug)]
pub struct BackupMetrics {
    /// Backups by outcome, since the store was created.
    pub ended: Family<Counter, BackupOutcome>,
    /// Whether the last backup failed; set through `events::backups_seen`.
    pub(in crate::telemetry) failing: Gauge,
    /// When the last good backup began.
    pub last_timestamp: Gauge,
    /// Size of the last good backup, in bytes.
    pub last_size: Gauge,
    /// Duration of the last good backup, in seconds.
    pub last_duration: Gauge,
}

impl BackupMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            ended: r.counters(
                "supportbot_backups_total",
                "Backups by outcome, since the store was created.",
            ),
            failing: r.gauge("supportbot_backup_failing", "1 if the last backup failed."),
            last_timestamp: r.gauge(
                "supportbot_backup_last_success_timestamp_seconds",
                "When the last successful backup began; 0 before the first.",
            ),
            last_size: r.gauge(
                "supportbot_backup_last_success_size_bytes",
                "Size of the last successful backup.",
            ),
            last_duration: r.gauge(
                "supportbot_backup_last_success_duration_seconds",
                "Duration of the last successful backup.",
            ),
        }
    }
}
