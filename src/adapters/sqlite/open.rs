//! Opens the store: folder, lock, file, tables, threads, in this order.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;

use crate::adapters::cache::Cache;
use ports::Notebook;

use super::{
    errors::OpenError,
    file::{connection, filesystem, loss, schema},
    options::Options,
    reader::Reader,
    store::SqliteStore,
    tables::{
        facts,
        meta::{self, key, open},
        numbers::Numbers,
    },
    write::{Writer, WriterParts},
};

impl SqliteStore {
    /// Opens the store in this folder, and creates both if they are missing. Blocks on disk I/O.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, OpenError> {
        let lock = filesystem::lock(folder)?;
        let file = filesystem::database(folder);
        let has_log = filesystem::has_log(folder);
        let (connection, numbers, notebook, last_end) = prepare(&file, options)?;
        filesystem::mark_begun(folder);
        // A clean end removes the log; a killed process leaves it.
        let log_is_lost = last_end == Some(open::IN_USE) && !has_log;
        let read =
            connection::reader(&file, options).map_err(|error| OpenError::of(&file, error))?;

        let cache = Arc::new(Cache::new(options.cached));
        let parts = WriterParts {
            connection,
            anchor: filesystem::Anchor::new(&file),
            numbers,
            cache: Arc::clone(&cache),
            lock,
            unclean_after: options.maintenance && notebook.unclean,
        };
        let writer = Writer::start(parts).map_err(|error| OpenError::of(&file, error))?;
        let reader = Reader::start(read).map_err(|error| OpenError::of(&file, error))?;
        Ok(Self::new(writer, reader, cache, notebook, (file, log_is_lost)))
    }
}

/// The writing connection, its number sequence, the stored facts, and how the last process left the store.
type Prepared = (Connection, Numbers, Notebook, Option<i64>);

/// Opens the file, migrates it, and marks it as in use.
fn prepare(file: &Path, options: &Options) -> Result<Prepared, OpenError> {
    let failed = |error| OpenError::of(file, error);
    let mut connection = connection::writer(file, options).map_err(failed)?;
    schema::migrate(&mut connection).map_err(|error| error.at(file))?;
    loss::refuse_lost(&connection, file)?;
    let notebook = facts::notebook(&connection).map_err(failed)?;
    let numbers = Numbers::load(&connection).map_err(failed)?;
    let last_end = meta::get(&connection, key::OPEN).map_err(failed)?;
    if last_end != Some(open::IN_USE) {
        meta::set(&connection, key::OPEN, open::IN_USE).map_err(failed)?;
        // Checkpointed into the file itself: if the log is lost, the file still says that there was one.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        copied.map_err(failed)?;
    }
    Ok((connection, numbers, notebook, last_end))
}
