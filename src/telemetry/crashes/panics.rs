//! Handles panics: counts them, logs their place and writes crash files.
//!
//! Invariant: a panic's message is never passed on, because it may quote a user's text.

use std::{
    panic,
    sync::{Arc, Once, PoisonError, RwLock},
};

use crate::telemetry::{
    catalogue::Metrics,
    crashes::{CrashFiles, current::CURRENT},
    events,
    registry::labels::Task,
};

pub use super::current::{task_named, within};

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
