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
    Held(Arc<dyn Store>),
    /// Only read, possibly while a desk runs on it; `None` if there is no store yet.
    Seen(Option<Reading>),
}

impl Target {
    /// Opens the store for writing.
    pub(super) async fn hold(settings: &Settings) -> anyhow::Result<Self> {
        match open_store(settings).await {
            Err(error) if error.is_running() => {
                bail!("the desk is running and holds the store: stop it first")
            }
            store => Ok(Self::Held(store?)),
        }
    }

    /// Opens the store for reading.
    pub(super) async fn see(settings: &Settings) -> anyhow::Result<Self> {
        match Reading::open(settings).await {
            Err(error) if error.is_missing() => Ok(Self::Seen(None)),
            reading => Ok(Self::Seen(Some(reading?))),
        }
    }

    /// The desk's notebook.
    pub(super) async fn notebook(&self) -> Result<Notebook, StoreError> {
        match self {
            Self::Held(store) => store.notebook().await,
            Self::Seen(Some(reading)) => reading.notebook().await,
            Self::Seen(None) => Ok(Notebook::default()),
        }
    }

    /// The conversation of a subject, if one exists.
    pub(super) async fn load(
        &self,
        subject: Subject,
    ) -> Result<Option<Arc<Conversation>>, StoreError> {
        match self {
            Self::Held(store) => store.load(subject).await,
            Self::Seen(Some(reading)) => reading.load(subject).await,
            Self::Seen(None) => Ok(None),
        }
    }

    /// Writes commits, unless the store is only read. Returns for each whether it was written, or would have been.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> anyhow::Result<Vec<bool>> {
        let Self::Held(store) = self else { return Ok(vec![true; commits.len()]) };
        let mut written = Vec::with_capacity(commits.len());
        for committed in store.commit(commits).await? {
            written.push(match committed {
                Committed::Done { .. } => true,
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
            Self::Held(store) => store.requests_from(last).await,
            Self::Seen(_) => Ok(last),
        }
    }

    /// Records that the import is complete.
    pub(super) async fn remember(&self, imported: Imported) -> Result<(), StoreError> {
        match self {
            Self::Held(store) => store.remember_import(imported).await,
            Self::Seen(_) => Ok(()),
        }
    }

    /// Closes the store.
    pub(super) async fn release(self) -> Result<(), StoreError> {
        match self {
            Self::Held(store) => release(store).await,
            Self::Seen(_) => Ok(()),
        }
    }
}
