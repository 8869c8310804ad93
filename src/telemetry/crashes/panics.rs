//! Handles panics: counts them, logs their place and writes crash files.
//!
//! Invariant: a panic's message is never passed on, because it may quote a user's text.

use std::{
    panic,
    sync::{Arc, Once, PoisonError, RwLock},
};

use crate::telemetry::{
    catalogue::Metrics,
    crashes::CrashFiles,
    events,
    registry::labels::{Label, Task},
};

/// Log target of panics. Sentry ignores it, because its own hook reports panics.
pub(in crate::telemetry) const LOG_TARGET: &str = "support_bot::panic";

tokio::task_local! {
    static CURRENT: (Task, Metrics);
}

static ELSEWHERE: RwLock<Option<Metrics>> = RwLock::new(None);
static FILES: RwLock<Option<Arc<CrashFiles>>> = RwLock::new(None);
static HOOK: Once = Once::new();

/// Replaces the standard hook, which would print the panic's message.
///
/// Call it before [`crate::telemetry::sentry::init`], whose hook then calls this one. Panics
/// outside [`within`] are counted in `metrics`.
pub fn install(metrics: &Metrics) {
    *ELSEWHERE.write().unwrap_or_else(PoisonError::into_inner) = Some(metrics.clone());
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let (file, line) =
                panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
            let (task, metrics) = match CURRENT.try_with(Clone::clone) {
                Ok((task, metrics)) => (task, Some(metrics)),
                // A panic of the thread that holds the write lock would deadlock here. It goes uncounted instead.
                Err(_outside_of_a_task) => {
                    (Task::Other, ELSEWHERE.try_read().ok().and_then(|metrics| metrics.clone()))
                }
            };
            // Written before logging, because the logging itself may block.
            if let Some(files) = FILES.try_read().ok().and_then(|files| files.clone()) {
                files.write(file, line, task);
            }
            events::panicked(metrics.as_ref(), task, file, line);
        }));
    });
}

/// Writes crash files for all panics from now on.
pub fn write_to(files: Arc<CrashFiles>) {
    *FILES.write().unwrap_or_else(PoisonError::into_inner) = Some(files);
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
