//! The whole store at once: read for a backup, filled by a restore.

mod restore_target;
mod snapshot;

pub use restore_target::RestoreTarget;
pub use snapshot::SqliteSnapshot;
