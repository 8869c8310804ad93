//! Moves a whole store: the snapshot of one moment, the bulk load of another store's records, the old bot's users.

mod snapshot_copy;
pub(super) mod snapshot;
mod bulk_load;
pub(super) mod restore_target;
pub(super) mod old_bot;
