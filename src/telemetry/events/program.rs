//! Events of the program itself.

use tracing::{error, info};

use crate::telemetry::{
    REVISION, Stale, VERSION, catalogue::Metrics, crashes::current, logging::START,
    registry::labels::Task,
};

/// What has started.
#[derive(Debug)]
pub struct Opened {
    /// The bot's username, with @.
    pub bot: String,
    /// The id of the operators' group.
    pub group: i64,
    /// Where the store is.
    pub store: String,
    /// Number of conversations in it.
    pub conversations: u64,
    /// Its size, in bytes.
    pub bytes: u64,
    /// How updates arrive.
    pub updates: &'static str,
    /// The address of `/metrics`.
    pub metrics: String,
}

/// The desk is open. No filter removes this line.
pub fn opened(opened: &Opened) {
    let Opened { bot, group, store, conversations, bytes, updates, metrics } = opened;
    info!(
        target: START, version = VERSION, commit = REVISION, %bot, group, %store,
        conversations, bytes, updates, %metrics,
        "the desk is open"
    );
}

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
