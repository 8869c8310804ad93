//! The target of an import: a store that is open for writing, or one that is only read.

use std::sync::Arc;

use anyhow::bail;

use crate::{
    app::{Reading, open_store, release},
    config::Settings,
};
use domain::{Conversation, Subject};
use ports::{Commit, Committed, Imported, Notebook, Store, StoreError};

/// The store.
#[derive(Debug)]
pub(super) enum Target {
    /// Held exclusively, and written to.
    Writable(Arc<dyn Store>),
    /// Only read, possibly while a desk runs on it; `None` if there is no store yet.
    ReadOnly(Option<Reading>),
}

impl Target {
    /// Opens the store for writing.
    pub(super) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        match open_store(settings).await {
            Err(error) if error.is_running() => {
                bail!("the desk is running and holds the store: stop it first")
            }
            store => Ok(Self::Writable(store?)),
        }
    }

    /// Opens the store for reading.
    pub(super) async fn open_read_only(settings: &Settings) -> anyhow::Result<Self> {
        match Reading::open(settings).await {
            Err(error) if error.is_missing() => Ok(Self::ReadOnly(None)),
            reading => Ok(Self::ReadOnly(Some(reading?))),
        }
    }

    /// The desk's notebook.
    pub(super) async fn notebook(&self) -> Result<Notebook, StoreError> {
        match self {
            Self::Writable(store) => store.notebook().await,
            Self::ReadOnly(Some(reading)) => reading.notebook().await,
            Self::ReadOnly(None) => Ok(Notebook::default()),
        }
    }

    /// The conversation of a subject, if one exists.
    pub(super) async fn load(
        &self,
        subject: Subject,
    ) -> Result<Option<Arc<Conversation>>, StoreError> {
        match self {
            Self::Writable(store) => store.load(subject).await,
            Self::ReadOnly(Some(reading)) => reading.load(subject).await,
            Self::ReadOnly(None) => Ok(None),
        }
    }

    /// Writes commits, unless the store is only read. Returns for each whether it was written, or would have been.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> anyhow::Result<Vec<bool>> {
        let Self::Writable(store) = self else { return Ok(vec![true; commits.len()]) };
        let mut written = Vec::with_capacity(commits.len());
        for committed in store.commit(commits).await? {
            written.push(match committed {
                Committed::Done(_) => true,
                Committed::Stale => false,
                Committed::Elsewhere => {
                    bail!("another process took the store: stop the desk and run this again")
                }
            });
        }
        Ok(written)
    }

    /// Makes request numbers continue above this one. Returns the last number that is, or would be, in use.
    pub(super) async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        match self {
            Self::Writable(store) => store.requests_from(last).await,
            Self::ReadOnly(_) => Ok(last),
        }
    }

    /// Records that the import is complete.
    pub(super) async fn record_import(&self, imported: Imported) -> Result<(), StoreError> {
        match self {
            Self::Writable(store) => store.remember_import(imported).await,
            Self::ReadOnly(_) => Ok(()),
        }
    }

    /// Closes the store.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        match self {
            Self::Writable(store) => release(store).await,
            Self::ReadOnly(_) => Ok(()),
        }
    }
}
