//! Tells a new store from a lost one.

use std::path::Path;

use rusqlite::Connection;

use crate::adapters::sqlite::{
    errors::{OpenError, SqlError},
    tables::{
        facts, groups,
        meta::{self, key},
    },
};
use ports::Facts;

use super::filesystem;

/// The tables that have rows once a desk has done any work.
const TABLES: [&str; 6] = ["conversations", "links", "known", "inbox", "outbox", "dead"];

/// Refuses an empty store in a folder where a store was created before. The old store was lost. An empty desk in its
/// place would open a second topic for every user, and its backups would replace the good ones.
pub(crate) fn refuse_lost(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file.parent().filter(|folder| filesystem::was_begun(folder)) else {
        return Ok(());
    };
    let was_open =
        meta::get(connection, key::OPEN).map_err(|error| OpenError::of(file, error))?.is_some();
    let empty = !was_open && is_empty(connection).map_err(|error| OpenError::of(file, error))?;
    if empty { Err(OpenError::Emptied(folder.to_owned())) } else { Ok(()) }
}

/// Whether no desk has done any work in this store.
pub(crate) fn is_empty(connection: &Connection) -> Result<bool, SqlError> {
    for table in TABLES {
        let found: bool =
            connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |row| {
                row.get(0)
            })?;
        if found {
            return Ok(false);
        }
    }
    // Reserved numbers prove nothing: a desk reserves a block when it opens the store.
    let Facts { offset, group, group_moved_from, requests, imported, .. } =
        facts::read(connection)?;
    let moved = group.is_some() || group_moved_from.is_some();
    let has_groups = !groups::read(connection)?.0.is_empty();
    Ok(offset.is_none() && !moved && !has_groups && requests == 0 && imported.is_none())
}
