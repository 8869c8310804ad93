//! The figures that the store reports about itself.

use std::{fs, path::Path};

use rusqlite::Connection;

use ports::StoreFigures;

use super::{
    errors::SqlError,
    tables::{conversations, counts::Counts},
};

/// Computes the figures from the counters and from index lookups.
pub(super) fn figures(connection: &Connection, file: &Path) -> Result<StoreFigures, SqlError> {
    let (conversations, dead_updates, dead_sends) = Counts::load(connection)?;
    let bytes = ["", "-wal"].into_iter().map(|end| {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        fs::metadata(path).map_or(0, |found| found.len())
    });
    Ok(StoreFigures {
        conversations,
        oldest_waiting: conversations::oldest_waiting(connection)?,
        dead_updates,
        dead_sends,
        bytes: bytes.sum(),
    })
}
