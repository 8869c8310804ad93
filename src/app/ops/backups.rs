//! Shows the state of backups in the metrics. Other processes make them and leave a status file.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    adapters::backup::Status,
    telemetry::{BackupOutcome, Metrics, events, figure, store_check, timestamp},
};
use ports::Clock;

/// Interval between reads of the status file.
const READ_INTERVAL: Duration = Duration::from_secs(5);

/// Once there has been a backup, the next must follow within this time. Same as in the alert
/// `SupportbotBackupTooOld`.
const MAX_AGE: Duration = Duration::from_hours(48);

/// Reads the status file in the store's folder until `intake` is cancelled.
pub(super) async fn watch(
    folder: PathBuf,
    metrics: Metrics,
    clock: Arc<dyn Clock>,
    intake: CancellationToken,
) {
    let file = Status::file(&folder);
    let mut tick = tokio::time::interval(READ_INTERVAL);
    let mut known = None;
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        // Until the first backup there is no file.
        let Ok(text) = tokio::fs::read(&file).await else { continue };
        let status = Status::parse(&text);
        let late = status.last.is_some_and(|good| clock.now().since(good.at()) > MAX_AGE);
        if known != Some((status, late)) {
            publish(&metrics, &status, late);
            let is_new = |(before, _): (Status, bool)| before.ended() != status.ended();
            match status.sound {
                // An earlier run may have reported the damage, or not: damage does not go away by itself.
                Some(false) if known.is_none_or(is_new) => store_check::damaged(&metrics),
                Some(true) if known.is_some_and(is_new) => store_check::sound(&metrics),
                Some(_) | None => {}
            }
            known = Some((status, late));
        }
    }
}

fn publish(metrics: &Metrics, status: &Status, late: bool) {
    let Status { made, failed, failing, last, sound: _ } = status;
    metrics.backups.ended.of(BackupOutcome::Made).absolute(*made);
    metrics.backups.ended.of(BackupOutcome::Failed).absolute(*failed);
    if let Some(good) = last {
        metrics.backups.last_timestamp.set(timestamp(good.at().0));
        metrics.backups.last_size.set(figure(good.bytes));
        metrics.backups.last_duration.set(Duration::from_millis(good.took).as_secs_f64());
    }
    events::backups_seen(metrics, *failing, late);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_late_when_the_alert_says_so() {
        let rules = include_str!("../../../prometheus/rules/alerts-store.yml");
        let late = format!("expr: job:supportbot_backup:age_seconds > {}\n", MAX_AGE.as_secs());
        assert!(rules.contains(&late));
    }
}
