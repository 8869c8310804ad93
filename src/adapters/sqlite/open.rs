//! Opening the store: folder, lock, file, tables, threads, in this order.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::Connection;

use crate::adapters::cache::Cache;
use ports::Notebook;

use super::{
    OpenError, SqliteStore, connection,
    errors::SqlError,
    filesystem,
    meta::{self, Numbers, key, open},
    reader::Reader,
    restore_target::is_empty,
    schema::{self, SchemaError},
    writer::{Writer, WriterParts},
};

/// What can be chosen about the store. The defaults suit a desk of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many conversations, and how many links, are kept in memory.
    pub cached: NonZeroUsize,
    /// The file may not grow beyond this; what does not fit fails with `StoreError::Full`.
    pub max_bytes: Option<u64>,
    /// How long another program's lock on the file is waited for.
    pub patience: Duration,
    /// The store is opened to look after it, not to run the desk: that the last run ended without
    /// closing stays remembered for the next.
    pub maintenance: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cached: NonZeroUsize::MIN.saturating_add(4095),
            max_bytes: None,
            patience: Duration::from_secs(2),
            maintenance: false,
        }
    }
}

impl SqliteStore {
    /// Opens the store in this folder, and makes both if they are missing. Blocks for as long as the
    /// disk takes.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, OpenError> {
        let lock = filesystem::take(folder)?;
        let file = filesystem::database(folder);
        let has_log = filesystem::has_log(folder);
        let (connection, numbers, notebook, left) = prepare(&file, options)?;
        filesystem::remember(folder);
        // Whoever ends in order takes the log away, and who is killed leaves it.
        let log_is_lost = left == Some(open::IN_USE) && !has_log;
        let read = connection::reader(&file, options).map_err(|error| failed(&file, error))?;

        let cache = Arc::new(Cache::new(options.cached));
        let parts = WriterParts {
            connection,
            anchor: filesystem::Anchor::new(&file),
            numbers,
            cache: Arc::clone(&cache),
            lock,
            unclean_after: options.maintenance && notebook.unclean,
        };
        let writer = Writer::start(parts).map_err(|error| OpenError::of(file.clone(), error))?;
        let reader = Reader::start(read).map_err(|error| OpenError::of(file.clone(), error))?;
        Ok(Self::new(writer, reader, cache, notebook, (file, log_is_lost)))
    }
}

/// What a store begins with: who writes, the numbers that it gives, what the last run has left, and how.
type Prepared = (Connection, Numbers, Notebook, Option<i64>);

/// Opens the file, brings it up to date, and marks it as being in use.
fn prepare(file: &Path, options: &Options) -> Result<Prepared, OpenError> {
    let failed = |error| failed(file, error);
    let mut connection = connection::writer(file, options).map_err(failed)?;
    schema::migrate(&mut connection).map_err(|error| refused(file, error))?;
    not_emptied(&connection, file)?;
    let notebook = meta::notebook(&connection).map_err(failed)?;
    let numbers = Numbers::load(&connection).map_err(failed)?;
    let left = meta::get(&connection, key::OPEN).map_err(failed)?;
    if left != Some(open::IN_USE) {
        meta::set(&connection, key::OPEN, open::IN_USE).map_err(failed)?;
        // In the file itself: if the log is lost, it still says that there was one.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        copied.map_err(failed)?;
    }
    Ok((connection, numbers, notebook, left))
}

/// Refuses a store in which nothing is, beside the mark that one was begun there: it was lost, and whoever began anew would
/// open second topics for all users, and back up nothing in the place of what there was.
pub(super) fn not_emptied(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file.parent().filter(|folder| filesystem::was_begun(folder)) else {
        return Ok(());
    };
    let was_open = meta::get(connection, key::OPEN).map_err(|error| failed(file, error))?.is_some();
    let empty =
        !was_open && is_empty(connection).map_err(|error| OpenError::of(file.to_owned(), error))?;
    if empty { Err(OpenError::Emptied(folder.to_owned())) } else { Ok(()) }
}

/// Why a file with such tables is not opened.
pub(super) fn refused(file: &Path, error: SchemaError) -> OpenError {
    match error {
        SchemaError::Newer { found, known } => OpenError::Newer { found, known },
        SchemaError::Foreign => OpenError::Foreign(file.to_owned()),
        SchemaError::Sqlite(error) => failed(file, error),
    }
}

/// Why a file is not opened.
pub(super) fn failed(file: &Path, error: rusqlite::Error) -> OpenError {
    OpenError::of(PathBuf::from(file), SqlError::from(error))
}
