//! The whole store at once: read for a backup, filled by a restore.

pub(crate) mod restore_target;
pub(crate) mod snapshot;
