//! A read-only view of the store: takes no lock, works while the bot runs, changes nothing.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::Connection;

use domain::{Conversation, DeadId, Subject};
use ports::{DeadLetter, Notebook, StoreError, StoreFigures};

use super::{
    archive::SqliteSnapshot,
    errors::{OpenError, SqlError},
    figures,
    file::{connection, filesystem, loss, schema},
    options::Options,
    tables::{conversations, dead, facts},
};

/// A view of the store for command-line tools. Its calls block, so the bot itself does not use it.
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
        let connection = connection::reader(&file, &Options::default())
            .map_err(|error| OpenError::of(&file, error))?;
        let format = schema::check(&connection).map_err(|error| error.at(&file))?;
        if format > 0 {
            loss::refuse_lost(&connection, &file)?;
        } else if filesystem::was_begun(folder) {
            return Err(OpenError::Emptied(folder.to_owned()));
        }
        Ok(Self { connection, file, format })
    }

    /// Runs SQLite's integrity check over the whole file: structure only, not contents.
    pub fn is_sound(&self) -> Result<bool, StoreError> {
        let mut check = self.connection.prepare("PRAGMA quick_check(1)").map_err(SqlError::from)?;
        match check.query_row([], |row| row.get::<_, String>(0)).map_err(SqlError::from) {
            Ok(report) => Ok(report == "ok"),
            Err(SqlError(StoreError::Corrupt(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Path of the store's file in this folder, if there is one. Does not open it.
    pub fn find(folder: &Path) -> Result<PathBuf, OpenError> {
        let file = filesystem::find_database(folder)?;
        if file.exists() { Ok(file) } else { Err(OpenError::Missing(folder.to_owned())) }
    }

    /// Up to `limit` dead letters after `after`, ordered by number.
    pub fn dead(&self, after: Option<DeadId>, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(dead::list(&self.connection, after, limit)?)
    }

    /// Reads one dead letter.
    pub fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        Ok(dead::find(&self.connection, id)?)
    }

    /// Loads a user's conversation, if one exists.
    pub fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        Ok(conversations::load(&self.connection, subject)?)
    }

    /// The stored facts about the desk.
    pub fn notebook(&self) -> Result<Notebook, StoreError> {
        Ok(facts::notebook(&self.connection).map_err(SqlError::from)?)
    }

    /// A snapshot of the whole store. The bot may go on writing, but its log cannot be truncated until the snapshot
    /// is dropped.
    pub fn snapshot(self) -> Result<SqliteSnapshot, OpenError> {
        let Self { connection, file, format } = self;
        if format < schema::present() {
            return Err(OpenError::Older { found: format, known: schema::present() });
        }
        SqliteSnapshot::begin(connection).map_err(|error| OpenError::of(&file, error))
    }

    /// The figures that the running bot reports.
    pub fn figures(&self) -> Result<StoreFigures, StoreError> {
        Ok(figures::figures(&self.connection, &self.file)?)
    }
}
