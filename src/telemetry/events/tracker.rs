//! Counts and logs reports to the tracker; as in `events`, one function per event.

use std::{
    error::Error,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracing::{info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    logging::throttle::{Occurrence, Recovery},
    registry::labels::{DeadReason, Queue, Reported},
};

/// The tracker accepted a report.
pub fn taken(metrics: &Metrics, took: Duration) {
    metrics.tracker.reports.of(Reported::Taken).increment(1);
    metrics.tracker.duration.record(took);
    if let Some(Recovery { failures, lasted }) = metrics.troubles.tracker.succeeded(Instant::now())
    {
        info!(failures, for_seconds = lasted.as_secs(), "the tracker accepts reports again");
    }
}

/// The tracker did not accept a report, which is retried. `error` contains neither the key nor the report.
pub fn postponed(
    metrics: &Metrics,
    outcome: Reported,
    took: Duration,
    error: &(dyn Error + 'static),
) {
    metrics.tracker.reports.of(outcome).increment(1);
    metrics.tracker.duration.record(took);
    match metrics.troubles.tracker.failed(Instant::now()) {
        Occurrence::First => warn!(%outcome, error, "the tracker accepts no reports; retrying"),
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(%outcome, failures, for_seconds, error, "the tracker still accepts no reports");
        }
        Occurrence::Suppressed => {}
    }
}

/// A report was given up: the tracker refused it after `took`, or it expired without an answer.
pub fn given_up(metrics: &Metrics, outcome: Reported, took: Option<Duration>) {
    metrics.tracker.reports.of(outcome).increment(1);
    if let Some(took) = took {
        metrics.tracker.duration.record(took);
    }
}

/// A report that was given up is now the dead letter `item`.
pub fn dead_lettered(metrics: &Metrics, item: i64, update_id: i64) {
    metrics.queues.dead_lettered.of((Queue::Outbox, DeadReason::Tracker)).increment(1);
    metrics.owner.given_up.fetch_add(1, Ordering::Relaxed);
    warn!(
        update.id = update_id,
        item, "gave up on a report to the tracker; `support-bot dead` shows and replays it"
    );
}

/// A report was dropped because reports were switched off while it waited.
pub fn dropped(metrics: &Metrics) {
    metrics.tracker.reports.of(Reported::Off).increment(1);
}
