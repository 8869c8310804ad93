//! Looking at the store without holding it: works while the bot runs, changes nothing.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;

use domain::{Conversation, DeadId, Subject};
use ports::{DeadLetter, Notebook, StoreError, StoreFigures};

use super::{
    OpenError, Options, SqliteSnapshot, connection, conversations, dead,
    errors::SqlError,
    filesystem, meta,
    open::{failed, not_emptied, refused},
    schema, store,
};

/// A view of the store for command-line tools. Blocks; not for the bot itself.
#[derive(Debug)]
pub struct ReadOnlyStore {
    connection: Connection,
    file: PathBuf,
    format: i64,
}

impl ReadOnlyStore {
    /// Opens the store in this folder for reading.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let file = Self::find(folder)?;
        let connection =
            connection::reader(&file, &Options::default()).map_err(|error| failed(&file, error))?;
        let format = schema::check(&connection).map_err(|error| refused(&file, error))?;
        if format > 0 {
            not_emptied(&connection, &file)?;
        } else if filesystem::was_begun(folder) {
            return Err(OpenError::Emptied(folder.to_owned()));
        }
        Ok(Self { connection, file, format })
    }

    /// Whether the file makes sense, as far as SQLite can tell: structure, not contents. Reads all of it.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        let mut check = self.connection.prepare("PRAGMA quick_check(1)").map_err(SqlError::from)?;
        match check.query_row([], |row| row.get::<_, String>(0)).map_err(SqlError::from) {
            Ok(said) => Ok(said == "ok"),
            Err(SqlError(StoreError::Corrupt(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The file of the store in this folder, if there is one; it is not touched.
    pub fn find(folder: &Path) -> Result<PathBuf, OpenError> {
        let file = filesystem::whole(folder)?;
        if file.exists() { Ok(file) } else { Err(OpenError::Missing(folder.to_owned())) }
    }

    /// Dead letters after `after`, in the order of their numbers, at most `limit`.
    pub fn dead(&self, after: Option<DeadId>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(dead::list(&self.connection, after, limit)?)
    }

    /// One of them.
    pub fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        Ok(dead::find(&self.connection, id)?)
    }

    /// The conversation that something is about; `None` if there is none.
    pub fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        Ok(conversations::load(&self.connection, subject)?)
    }

    /// What is remembered of the desk itself.
    pub fn notebook(&self) -> Result<Notebook, StoreError> {
        Ok(meta::notebook(&self.connection).map_err(SqlError::from)?)
    }

    /// Everything the store holds now, while the bot goes on writing. Its log is not cut as long as this is read.
    pub fn snapshot(self) -> Result<SqliteSnapshot, OpenError> {
        let Self { connection, file, format } = self;
        if format < schema::present() {
            return Err(OpenError::Older { found: format, known: schema::present() });
        }
        SqliteSnapshot::begin(connection).map_err(|error| OpenError::of(file, error))
    }

    /// Figures, as the running bot reports them.
    pub fn figures(&self) -> Result<StoreFigures, StoreError> {
        Ok(store::figures(&self.connection, &self.file)?)
    }
}
