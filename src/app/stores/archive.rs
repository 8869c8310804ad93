//! Access to whole stores, for backups and for copying one store into the other.

use std::{fmt, path::PathBuf, time::Duration};

use secrecy::SecretString;

use crate::{
    adapters::{
        redis::{self, RedisSnapshot, RedisStore},
        sqlite::{self, ReadOnlyStore, SqliteSnapshot, SqliteStore},
    },
    config::Settings,
};
use ports::{Record, Restore, Snapshot, Store as _, StoreError};

use super::store::{AnyStore, OpenError};

/// Time limit for closing a store.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// Where a store is, or can be.
#[derive(Debug, Clone)]
pub enum StoreLocation {
    /// A folder.
    Sqlite(PathBuf),
    /// Redis.
    Redis(SecretString),
}

/// A snapshot of one of the stores.
#[derive(Debug)]
pub enum AnySnapshot {
    /// From a folder.
    Sqlite(SqliteSnapshot),
    /// From Redis.
    Redis(Box<RedisSnapshot>),
}

/// An empty store, ready to be filled.
#[derive(Debug)]
pub enum AnyRestoreTarget {
    /// In a folder.
    Sqlite(sqlite::RestoreTarget),
    /// In Redis.
    Redis(Box<redis::RestoreTarget>),
}

impl StoreLocation {
    /// The location that the settings choose.
    pub fn chosen(settings: &Settings) -> Self {
        Self::redis(settings).unwrap_or_else(|| Self::folder(settings))
    }

    /// The folder of the settings.
    pub fn folder(settings: &Settings) -> Self {
        Self::Sqlite(settings.store.folder.clone())
    }

    /// The Redis of the settings, if they name one.
    pub fn redis(settings: &Settings) -> Option<Self> {
        settings.store.redis.as_ref().map(|redis| Self::Redis(redis.url.clone()))
    }

    /// Takes a snapshot, also while a desk runs on the store.
    pub async fn snapshot(&self) -> Result<AnySnapshot, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => AnySnapshot::Sqlite(ReadOnlyStore::open(folder)?.snapshot()?),
            Self::Redis(url) => {
                let options = redis::Options::at(url.clone());
                let store = RedisStore::open_read_only(&options).await?;
                AnySnapshot::Redis(Box::new(store.snapshot().await?))
            }
        })
    }

    /// Takes exclusive hold of the store, so that no desk changes it. Fails if a desk is running there or there is no
    /// store.
    pub async fn hold(&self) -> Result<AnyStore, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => {
                ReadOnlyStore::find(folder)?;
                let options = sqlite::Options { maintenance: true, ..sqlite::Options::default() };
                AnyStore::Sqlite(SqliteStore::open(folder, &options)?)
            }
            Self::Redis(url) => {
                let options =
                    redis::Options { maintenance: true, ..redis::Options::at(url.clone()) };
                // Opening would create the store.
                RedisStore::open_read_only(&options).await?.check_readable().await?;
                AnyStore::Redis(Box::new(RedisStore::open(&options).await?))
            }
        })
    }

    /// Opens an empty store in order to fill it. Fails if it holds a desk's store.
    pub async fn restore_target(&self) -> Result<AnyRestoreTarget, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => AnyRestoreTarget::Sqlite(sqlite::RestoreTarget::open(folder)?),
            Self::Redis(url) => {
                let options = redis::Options::at(url.clone());
                AnyRestoreTarget::Redis(Box::new(redis::RestoreTarget::open(&options).await?))
            }
        })
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(folder) => folder.display().fmt(f),
            Self::Redis(_) => f.write_str("Redis"),
        }
    }
}

/// Closes a store that was held.
pub async fn release(store: AnyStore) -> Result<(), StoreError> {
    store.close(CLOSE_LIMIT).await
}

impl Snapshot for AnySnapshot {
    type Error = StoreError;

    async fn page(&mut self) -> Result<Vec<Record>, StoreError> {
        match self {
            Self::Sqlite(snapshot) => snapshot.page().await,
            Self::Redis(snapshot) => snapshot.page().await,
        }
    }
}

impl AnyRestoreTarget {
    /// Whether an earlier, unfinished copy was removed first.
    pub fn replaces_unfinished_copy(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Redis(target) => target.discarded_unfinished(),
        }
    }
}

impl Restore for AnyRestoreTarget {
    type Error = StoreError;

    async fn add(&mut self, page: Vec<Record>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(target) => target.add(page).await,
            Self::Redis(target) => target.add(page).await,
        }
    }

    async fn finish(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(target) => target.finish().await,
            Self::Redis(target) => target.finish().await,
        }
    }

    async fn abandon(self) {
        match self {
            Self::Sqlite(target) => target.abandon().await,
            Self::Redis(target) => target.abandon().await,
        }
    }
}
