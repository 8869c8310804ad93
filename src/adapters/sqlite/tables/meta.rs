//! The table `meta`: a value for each key.
//!
//! Some keys consist of a name and a number: `limited:FROM` holds when a span of the group's limit ended.

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
    /// Followed by the number of a group besides the first, as the next two: its id in the settings.
    pub(crate) const GROUP_CONFIGURED: &str = "group_configured";
    /// Its present id.
    pub(crate) const GROUP_CHAT: &str = "group_chat";
    /// When it last got another id.
    pub(crate) const GROUP_SINCE: &str = "group_since";
    /// Followed by a number.
    pub(crate) const LIMITED: &str = "limited";
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

/// Reads all values whose keys consist of this name and a number.
pub(crate) fn numbered(connection: &Connection, name: &str) -> rusqlite::Result<Vec<(i64, i64)>> {
    let (first, behind) = range(name);
    let mut read = connection.prepare_cached(
        "SELECT CAST(substr(key, ?3) AS INTEGER), value FROM meta WHERE key >= ?1 AND key < ?2",
    )?;
    let number = i64::try_from(first.chars().count()).unwrap_or(i64::MAX).saturating_add(1);
    read.query_map(params![first, behind, number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Stores a value under a name and a number.
pub(crate) fn set_numbered(
    connection: &Connection,
    name: &str,
    number: i64,
    value: i64,
) -> rusqlite::Result<()> {
    set(connection, &format!("{name}:{number}"), value)
}

/// Deletes the values below `limit` whose keys consist of this name and a number.
pub(crate) fn delete_numbered(
    connection: &Connection,
    name: &str,
    limit: i64,
) -> rusqlite::Result<()> {
    let (first, behind) = range(name);
    connection
        .prepare_cached("DELETE FROM meta WHERE key >= ?1 AND key < ?2 AND value < ?3")?
        .execute(params![first, behind, limit])?;
    Ok(())
}

/// The first key of this name and a number, and the first key after them.
fn range(name: &str) -> (String, String) {
    (format!("{name}:"), format!("{name};"))
}

/// Stores a value.
pub(crate) fn set(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}
