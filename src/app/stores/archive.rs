//! Access to whole stores, for backups and for copying one store into the other.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    adapters::{
        redis::{self, RedisStore},
        sqlite::{self, ReadOnlyStore, SqliteStore},
    },
    config::Settings,
};
use ports::{Restore, Snapshot, Store, StoreError};

use super::store::OpenError;
use crate::app::settings;

/// Time limit for closing a store.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// Where a store is, or can be.
#[derive(Debug, Clone)]
pub enum StoreLocation {
    /// A folder.
    Sqlite(PathBuf),
    /// Redis.
    Redis(Box<redis::Options>),
}

/// A snapshot of one of the stores.
pub type AnySnapshot = Box<dyn Snapshot<Error = StoreError>>;

/// An empty store, ready to be filled.
pub type AnyRestoreTarget = Box<dyn Restore<Error = StoreError>>;

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
        let redis = settings.store.redis.as_ref()?;
        Some(Self::Redis(Box::new(settings::redis_options(settings, redis.url.clone()))))
    }

    /// Takes a snapshot, also while a desk runs on the store.
    pub async fn snapshot(&self) -> Result<AnySnapshot, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => Box::new(ReadOnlyStore::open(folder)?.snapshot()?),
            Self::Redis(options) => {
                let store = RedisStore::open_read_only(options).await?;
                Box::new(store.snapshot().await?)
            }
        })
    }

    /// Takes exclusive hold of the store, so that no desk changes it. Fails if a desk is running there or there is no
    /// store.
    pub async fn hold(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => {
                ReadOnlyStore::find(folder)?;
                let options = sqlite::Options { maintenance: true, ..sqlite::Options::default() };
                Arc::new(SqliteStore::open(folder, &options)?)
            }
            Self::Redis(options) => {
                let options = redis::Options { maintenance: true, ..(**options).clone() };
                // Opening would create the store.
                RedisStore::open_read_only(&options).await?.check_readable().await?;
                Arc::new(RedisStore::open(&options).await?)
            }
        })
    }

    /// Opens an empty store in order to fill it. Fails if it holds a desk's store.
    pub async fn restore_target(&self) -> Result<AnyRestoreTarget, OpenError> {
        Ok(match self {
            Self::Sqlite(folder) => Box::new(sqlite::RestoreTarget::open(folder)?),
            Self::Redis(options) => Box::new(redis::RestoreTarget::open(options).await?),
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
pub async fn release(store: Arc<dyn Store>) -> Result<(), StoreError> {
    store.close(CLOSE_LIMIT).await
}
