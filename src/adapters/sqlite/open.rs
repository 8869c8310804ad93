//! Opens the store: folder, lock, file, tables, threads, in this order.

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
    OpenError, SqliteStore,
    archive::restore_target::is_empty,
    errors::SqlError,
    file::connection,
    file::filesystem,
    file::schema::{self, SchemaError},
    reader::Reader,
    tables::meta::{self, Numbers, key, open},
    write::writer::{Writer, WriterParts},
};

/// Options of the store. The defaults suit a desk of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Conversations that the cache holds at most, and as many links.
    pub cached: NonZeroUsize,
    /// Size limit of the file. A write beyond it fails with `StoreError::Full`.
    pub max_bytes: Option<u64>,
    /// Longest wait for another program's lock on the file.
    pub patience: Duration,
    /// The store is opened for maintenance, not to run the desk. An unclean end of the last run stays recorded for
    /// the next one.
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
    /// Opens the store in this folder, and creates both if they are missing. Blocks on disk I/O.
    pub fn open(folder: &Path, options: &Options) -> Result<Self, OpenError> {
        let lock = filesystem::take(folder)?;
        let file = filesystem::database(folder);
        let has_log = filesystem::has_log(folder);
        let (connection, numbers, notebook, left) = prepare(&file, options)?;
        filesystem::remember(folder);
        // A clean end removes the log; a killed process leaves it.
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

/// The writing connection, its number sequence, the stored facts, and how the last process left the store.
type Prepared = (Connection, Numbers, Notebook, Option<i64>);

/// Opens the file, migrates it, and marks it as in use.
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
        // Checkpointed into the file itself: if the log is lost, the file still says that there was one.
        let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        copied.map_err(failed)?;
    }
    Ok((connection, numbers, notebook, left))
}

/// Refuses an empty store in a folder where a store was created before. The old store was lost. An empty desk in its
/// place would open a second topic for every user, and its backups would replace the good ones.
pub(super) fn not_emptied(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let Some(folder) = file.parent().filter(|folder| filesystem::was_begun(folder)) else {
        return Ok(());
    };
    let was_open = meta::get(connection, key::OPEN).map_err(|error| failed(file, error))?.is_some();
    let empty =
        !was_open && is_empty(connection).map_err(|error| OpenError::of(file.to_owned(), error))?;
    if empty { Err(OpenError::Emptied(folder.to_owned())) } else { Ok(()) }
}

/// The error for a file with an unsuitable schema.
pub(super) fn refused(file: &Path, error: SchemaError) -> OpenError {
    match error {
        SchemaError::Newer { found, known } => OpenError::Newer { found, known },
        SchemaError::Foreign => OpenError::Foreign(file.to_owned()),
        SchemaError::Sqlite(error) => failed(file, error),
    }
}

/// The error for a file that cannot be opened.
pub(super) fn failed(file: &Path, error: rusqlite::Error) -> OpenError {
    OpenError::of(PathBuf::from(file), SqlError::from(error))
}
