//! How the file is opened: durable to the last commit, bounded in memory and on disk.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::open::Options;

/// Pages of the log after which it is copied into the file: 16 MB. The longer, the more often changed pages
/// are copied only once.
const CHECKPOINT_PAGES: u32 = 4_000;
/// What the log is cut to after a burst.
const LOG_BYTES: u32 = 32 << 20;

/// The connection that writes.
pub(super) fn writer(file: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection, options, 8 << 10)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit returns after the log is synced: it survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
    if let Some(bytes) = options.max_bytes {
        let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = (bytes / u64::from(page.max(1))).max(1);
        connection.pragma_update(
            None,
            "max_page_count",
            i64::try_from(pages).unwrap_or(i64::MAX),
        )?;
    }
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reader(file: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection, options, 2 << 10)?;
    Ok(connection)
}

fn prepare(connection: &Connection, options: &Options, cache_kib: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(options.patience)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// A number of rows, as SQLite counts them.
pub(super) fn rows(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
