//! Panics: counted, logged by place, written down, and kept from taking the process down.
//!
//! Invariant: what a panic says is not passed on, because it may quote what a user wrote.

use std::{
    panic,
    sync::{Arc, Once, PoisonError, RwLock},
};

use crate::telemetry::{
    catalogue::Metrics,
    crashes::CrashFiles,
    events,
    labels::{Label, Task},
};

/// Target of the log record of a panic, which Sentry learns from its own hook.
pub(in crate::telemetry) const LOG_TARGET: &str = "support_bot::panic";

tokio::task_local! {
    static CURRENT: (Task, Metrics);
}

static ELSEWHERE: RwLock<Option<Metrics>> = RwLock::new(None);
static FILES: RwLock<Option<Arc<CrashFiles>>> = RwLock::new(None);
static HOOK: Once = Once::new();

/// Takes the place of the standard hook, which would print what the panic said.
///
/// To be called before [`crate::telemetry::sentry::init`], whose hook then calls this one. Panics
/// outside of [`within`] are counted in `metrics`.
pub fn install(metrics: &Metrics) {
    *ELSEWHERE.write().unwrap_or_else(PoisonError::into_inner) = Some(metrics.clone());
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let (file, line) =
                panic.location().map_or(("unknown", 0), |place| (place.file(), place.line()));
            let (task, metrics) = match CURRENT.try_with(Clone::clone) {
                Ok((task, metrics)) => (task, Some(metrics)),
                // A panic while this lock is written would wait for itself: then it goes uncounted.
                Err(_outside_of_a_task) => {
                    (Task::Other, ELSEWHERE.try_read().ok().and_then(|metrics| metrics.clone()))
                }
            };
            // Before it is logged: whoever reads the log may not read on.
            if let Some(files) = FILES.try_read().ok().and_then(|files| files.clone()) {
                files.write(file, line, task);
            }
            events::panicked(metrics.as_ref(), task, file, line);
        }));
    });
}

/// From now on panics are written down there.
pub fn write_to(files: Arc<CrashFiles>) {
    *FILES.write().unwrap_or_else(PoisonError::into_inner) = Some(files);
}

/// Runs a future so that its panics are counted as those of this task.
pub async fn within<F: Future>(task: Task, metrics: Metrics, future: F) -> F::Output {
    CURRENT.scope((task, metrics), future).await
}

/// What is at work here.
pub(in crate::telemetry) fn current_task() -> Task {
    CURRENT.try_with(|(task, _)| *task).unwrap_or(Task::Other)
}

/// The task of this name.
pub fn task_named(name: &str) -> Task {
    Task::ALL.iter().copied().find(|task| task.as_str() == name).unwrap_or(Task::Other)
}
