//! The task that runs now, to which a panic is attributed.

use crate::telemetry::{
    catalogue::Metrics,
    registry::{label::Label, labels::Task},
};

/// Log target of panics. Sentry ignores it, because its own hook reports panics.
pub(in crate::telemetry) const LOG_TARGET: &str = "support_bot::panic";

tokio::task_local! {
    pub(super) static CURRENT: (Task, Metrics);
}

/// Runs a future and attributes its panics to this task.
pub async fn within<F: Future>(task: Task, metrics: Metrics, future: F) -> F::Output {
    CURRENT.scope((task, metrics), future).await
}

/// The current task.
pub(in crate::telemetry) fn current_task() -> Task {
    CURRENT.try_with(|(task, _)| *task).unwrap_or(Task::Other)
}

/// The task with this name.
pub fn task_named(name: &str) -> Task {
    Task::ALL.iter().copied().find(|task| task.as_str() == name).unwrap_or(Task::Other)
}
