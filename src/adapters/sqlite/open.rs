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
    meta::{self, Numbers, key},
    reader::Reader,
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
        let (connection, numbers, notebook) = prepare(&file, options)?;
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
        Ok(Self::new(writer, reader, cache, notebook, file))
    }
}

/// Opens the file, brings it up to date, and marks it as being in use.
fn prepare(file: &Path, options: &Options) -> Result<(Connection, Numbers, Notebook), OpenError> {
    let failed = |error| failed(file, error);
    let mut connection = connection::writer(file, options).map_err(failed)?;
    schema::migrate(&mut connection).map_err(|error| refused(file, error))?;
    let notebook = meta::notebook(&connection).map_err(failed)?;
    let numbers = Numbers::load(&connection).map_err(failed)?;
    meta::set(&connection, key::OPEN, 1).map_err(failed)?;
    Ok((connection, numbers, notebook))
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
