//! The table `meta`: a value for each key.

use rusqlite::{Connection, OptionalExtension, params};

/// Keys of the table `meta`.
pub(crate) mod key {
    pub(crate) const OFFSET: &str = "offset";
    pub(crate) const GROUP: &str = "group";
    pub(crate) const GROUP_MOVED_FROM: &str = "group_moved_from";
    pub(crate) const REQUESTS: &str = "requests";
    pub(crate) const IMPORTED: &str = "imported";
    pub(crate) const IMPORTED_AT: &str = "imported_at";
    pub(crate) const SEQ: &str = "seq";
    pub(crate) const NAMED: &str = "named";
    /// Holds one of the values in [`super::open`].
    pub(crate) const OPEN: &str = "open";
    pub(crate) const PROBE: &str = "probe";
}

/// How the last process left the store.
pub(crate) mod open {
    /// The store was closed.
    pub(crate) const CLOSED: i64 = 0;
    /// A process uses the store, or used it until it was killed.
    pub(crate) const IN_USE: i64 = 1;
    /// Maintenance closed the store; the process that ran the desk before was killed.
    pub(crate) const CLOSED_AFTER_A_KILL: i64 = 2;
}

/// Reads a value.
pub(crate) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Stores a value.
pub(crate) fn set(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}
