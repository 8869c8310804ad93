//! Checks the store's file in the background after an unclean end.
//!
//! Invariant: nothing waits for the check. It reads the whole file, on its own connection and thread.

use std::{path::Path, thread};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::{
    adapters::sqlite::{OpenError, ReadOnlyStore, SqliteStore},
    app::Lifecycle,
    telemetry::{Metrics, store_check},
};
use ports::StoreError;

/// The result of a check.
type Checked = Result<bool, StoreError>;

/// Checks the file of a store that was not closed, in a task of `lifecycle`.
pub(in crate::app) fn check_after_kill(
    store: &SqliteStore,
    folder: &Path,
    metrics: &Metrics,
    lifecycle: &Lifecycle,
) {
    if store.log_is_lost() {
        store_check::log_lost(metrics);
    }
    if store.was_killed() {
        let (answer, checked) = oneshot::channel();
        let folder = folder.to_owned();
        // A plain thread: a stop would wait for a blocking task of the runtime.
        let begun = thread::Builder::new().name("store-check".to_owned()).spawn(move || {
            let _stopped = answer.send(is_sound(&folder));
        });
        if let Err(error) = begun {
            return store_check::unchecked(metrics, &error);
        }
        lifecycle.spawn_brief(
            "store-check",
            report(checked, metrics.clone(), lifecycle.intake().clone()),
        );
    }
}

/// Whether the store's file in this folder is sound. Blocks while it reads the file.
pub fn is_sound(folder: &Path) -> Checked {
    match ReadOnlyStore::open(folder) {
        Ok(peek) => peek.is_sound(),
        Err(OpenError::Damaged { .. }) => Ok(false),
        Err(error) => Err(StoreError::Io(error.to_string())),
    }
}

async fn report(
    checked: oneshot::Receiver<Checked>,
    metrics: Metrics,
    stopping: CancellationToken,
) {
    tokio::select! {
        () = stopping.cancelled() => {}
        checked = checked => match checked {
            Ok(Ok(true)) => store_check::sound(&metrics),
            Ok(Ok(false)) => store_check::damaged(&metrics),
            Ok(Err(error)) => store_check::unchecked(&metrics, &error),
            Err(ended) => store_check::unchecked(&metrics, &ended),
        },
    }
}
