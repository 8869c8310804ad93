//! The backups of this desk, as metrics tell of them: they are made by other processes, which leave word.

use std::{path::PathBuf, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    adapters::backup::Status,
    telemetry::{BackupOutcome, Metrics, events, figure, timestamp},
};

/// The word is read this often.
const EVERY: Duration = Duration::from_secs(5);

/// Reads what backups have left in the store's folder until `intake` is cancelled.
pub(super) async fn watch(folder: PathBuf, metrics: Metrics, intake: CancellationToken) {
    let file = Status::file(&folder);
    let mut tick = tokio::time::interval(EVERY);
    let mut known = Status::default();
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        // While there was no backup, there is no file.
        let Ok(text) = tokio::fs::read(&file).await else { continue };
        let status = Status::parse(&text);
        if status != known {
            publish(&metrics, &status);
            known = status;
        }
    }
}

fn publish(metrics: &Metrics, status: &Status) {
    let Status { made, failed, failing, last } = status;
    metrics.backups.ended.of(BackupOutcome::Made).absolute(*made);
    metrics.backups.ended.of(BackupOutcome::Failed).absolute(*failed);
    if let Some(good) = last {
        metrics.backups.last_timestamp.set(timestamp(good.at().0));
        metrics.backups.last_size.set(figure(good.bytes));
        metrics.backups.last_duration.set(Duration::from_millis(good.took).as_secs_f64());
    }
    events::backups_seen(metrics, *failing);
}
