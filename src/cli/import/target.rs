//! Where users are taken to: a store that is held, or one that is only looked at.

use std::sync::Arc;

use anyhow::bail;

use crate::{
    app::{AnyStore, Reading, release},
    config::Settings,
};
use domain::{Conversation, Subject};
use ports::{Commit, Committed, Imported, Ledger as _, Notebook, StoreError};

/// The store.
#[derive(Debug)]
pub(super) enum Target {
    /// Held, and written to.
    Held(AnyStore),
    /// Looked at beside the desk that may run on it; `None` if there is none yet.
    Seen(Option<Reading>),
}

impl Target {
    /// Opens it to take users in.
    pub(super) async fn hold(settings: &Settings) -> anyhow::Result<Self> {
        match AnyStore::open(settings).await {
            Err(error) if error.is_running() => {
                bail!("the desk is running and holds the store: stop it first")
            }
            store => Ok(Self::Held(store?)),
        }
    }

    /// Opens it to look: nothing is written.
    pub(super) async fn see(settings: &Settings) -> anyhow::Result<Self> {
        match Reading::open(settings).await {
            Err(error) if error.is_missing() => Ok(Self::Seen(None)),
            reading => Ok(Self::Seen(Some(reading?))),
        }
    }

    /// What is remembered of the desk itself.
    pub(super) async fn notebook(&self) -> Result<Notebook, StoreError> {
        match self {
            Self::Held(store) => store.notebook().await,
            Self::Seen(Some(reading)) => reading.notebook().await,
            Self::Seen(None) => Ok(Notebook::default()),
        }
    }

    /// The conversation that something is about; `None` if there is none.
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

    /// Writes, if that is wanted. Returns what was written, or would have been.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> anyhow::Result<Vec<bool>> {
        let Self::Held(store) = self else { return Ok(vec![true; commits.len()]) };
        let mut written = Vec::with_capacity(commits.len());
        for committed in store.commit(commits).await? {
            written.push(match committed {
                Committed::Done { .. } => true,
                Committed::Stale => false,
                Committed::Elsewhere => {
                    bail!(
                        "the store was lost to another process: stop the desk, and run this again"
                    )
                }
            });
        }
        Ok(written)
    }

    /// Lets numbers of requests go on above this one. Returns the last that was given, or might have been.
    pub(super) async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        match self {
            Self::Held(store) => store.requests_from(last).await,
            Self::Seen(_) => Ok(last),
        }
    }

    /// Remembers that the import went through to its end.
    pub(super) async fn remember(&self, imported: Imported) -> Result<(), StoreError> {
        match self {
            Self::Held(store) => store.remember_import(imported).await,
            Self::Seen(_) => Ok(()),
        }
    }

    /// Closes it.
    pub(super) async fn release(self) -> Result<(), StoreError> {
        match self {
            Self::Held(store) => release(store).await,
            Self::Seen(_) => Ok(()),
        }
    }
}
