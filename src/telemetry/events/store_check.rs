//! Counts and logs the checks of the store's file; as in `events`, one function per event.

use std::{error::Error, sync::atomic::Ordering};

use tracing::{error, info, warn};

use crate::telemetry::{catalogue::Metrics, registry::labels::StoreCheck};

/// The file makes sense.
pub fn sound(metrics: &Metrics) {
    metrics.program.store_checks.of(StoreCheck::Sound).increment(1);
    info!("the store's file was checked and is sound");
}

/// It does not: the owner is told.
pub fn damaged(metrics: &Metrics) {
    metrics.program.store_checks.of(StoreCheck::Damaged).increment(1);
    metrics.owner.damaged.store(true, Ordering::Relaxed);
    error!(
        "the store's file is damaged; stop the desk, keep a copy of DATA_DIR, and restore a backup"
    );
}

/// The log beside the file is gone.
pub fn log_lost(metrics: &Metrics) {
    metrics.program.store_checks.of(StoreCheck::LogLost).increment(1);
    warn!(
        "the store's log is gone: unless another program has opened the file, what was written last before the \
         kill is lost"
    );
}

/// Nobody can tell.
pub fn unchecked(metrics: &Metrics, error: &(dyn Error + 'static)) {
    metrics.program.store_checks.of(StoreCheck::Failed).increment(1);
    warn!(error, "the store's file could not be checked");
}

/// Whether damage was found since this was asked last.
pub fn to_be_told(metrics: &Metrics) -> bool {
    metrics.owner.damaged.swap(false, Ordering::Relaxed)
}
