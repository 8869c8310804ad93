//! SQLite connections: every commit is synced, and memory and disk use are bounded.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::adapters::sqlite::options::Options;

/// Log size, in pages, at which SQLite checkpoints it into the file (16 MB). A longer log means that a page that
/// changes often is copied less often.
const CHECKPOINT_PAGES: u32 = 4_000;
/// Size that the log is truncated to after a burst.
const LOG_BYTES: u32 = 32 << 20;

/// Opens the writing connection.
pub(crate) fn writer(file: &Path, options: &Options) -> rusqlite::Result<Connection> {
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

/// Opens a read-only connection.
pub(crate) fn reader(file: &Path, options: &Options) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    prepare(&connection, options, 2 << 10)?;
    Ok(connection)
}

fn prepare(connection: &Connection, options: &Options, cache_kib: i64) -> rusqlite::Result<()> {
    connection.busy_timeout(options.busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}
