//! Events of the program itself.

use tracing::error;

use crate::telemetry::{Stale, catalogue::Metrics, crashes::current, registry::labels::Task};

/// A task that must run until shutdown has ended.
pub fn task_died(task: &'static str) {
    error!(task, "a task ended by itself; stopping the program");
}

/// A loop stood still, and the program ends itself.
pub fn stood_still(still: Stale) {
    let Stale { task, age, limit } = still;
    let (seconds, limit_seconds) = (age.as_secs(), limit.as_secs());
    error!(%task, seconds, limit_seconds, "a loop stands still; ending the program");
}

/// Code panicked. Its message may be private and is not logged.
pub fn panicked(metrics: Option<&Metrics>, task: Task, file: &str, line: u32) {
    if let Some(metrics) = metrics {
        metrics.program.panics.of(task).increment(1);
    }
    error!(target: current::LOG_TARGET, %task, file, line, "a panic; only the current work is affected");
}
