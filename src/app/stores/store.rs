//! The store that the settings choose: SQLite in a folder, or Redis.

use std::sync::Arc;

use crate::{
    adapters::{
        redis::{self, CommandObserver, RedisStore},
        sqlite::{self, SqliteStore},
    },
    app::settings,
    config::Settings,
};
use domain::{Conversation, DeadId, Subject};
use ports::{
    DeadLetter, DeadLetters as _, DeskState as _, Ledger as _, Notebook, Store, StoreError,
};

/// The store of a running desk, as the one of the two that it is: for what concerns only that one.
#[derive(Debug, Clone)]
pub(in crate::app) enum Joined {
    /// SQLite in a folder.
    Sqlite(Arc<SqliteStore>),
    /// Redis.
    Redis(Arc<RedisStore>),
}

impl Joined {
    /// Opens the configured store to run the desk. `run` names this process to the others. The runs in `dead` are
    /// certainly dead, so their leases are not waited for.
    pub(in crate::app) async fn join(
        settings: &Settings,
        (run, dead): (String, Vec<String>),
        observer: Arc<dyn CommandObserver>,
    ) -> Result<Self, OpenError> {
        let Some(redis) = &settings.store.redis else {
            let options = sqlite::Options::default();
            let store = SqliteStore::open(&settings.store.folder, &options)?;
            return Ok(Self::Sqlite(Arc::new(store)));
        };
        let options = redis::Options {
            observer: Some(observer),
            token: Some(run),
            dead,
            ..settings::redis_options(settings, redis.url.clone())
        };
        Ok(Self::Redis(Arc::new(RedisStore::join(&options).await?)))
    }

    /// The store for everything that does not depend on its kind.
    pub(in crate::app) fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::<SqliteStore>::clone(store),
            Self::Redis(store) => Arc::<RedisStore>::clone(store),
        }
    }
}

/// Opens the configured store for maintenance, exclusively.
pub async fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, OpenError> {
    if let Some(redis) = &settings.store.redis {
        let url = redis.url.clone();
        let options =
            redis::Options { maintenance: true, ..settings::redis_options(settings, url) };
        return Ok(Arc::new(RedisStore::open(&options).await?));
    }
    let options = sqlite::Options { maintenance: true, ..sqlite::Options::default() };
    Ok(Arc::new(SqliteStore::open(&settings.store.folder, &options)?))
}

/// The reason why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite cannot be opened.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// Redis cannot be opened.
    #[error(transparent)]
    Redis(#[from] redis::OpenError),
}

impl OpenError {
    /// Whether a running desk holds the store.
    pub fn is_running(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(sqlite::OpenError::Running(_)) | Self::Redis(redis::OpenError::Running)
        )
    }

    /// Whether there is no store yet.
    pub fn is_missing(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(sqlite::OpenError::Missing(_)) | Self::Redis(redis::OpenError::Missing(_))
        )
    }
}

/// A store opened for reading. It does not disturb a desk that runs on it.
#[derive(Debug)]
pub enum Reading {
    /// SQLite in a folder.
    Sqlite(sqlite::ReadOnlyStore),
    /// Redis.
    Redis(Box<RedisStore>),
}

impl Reading {
    /// Opens the configured store for reading.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        if let Some(redis) = &settings.store.redis {
            let options = settings::redis_options(settings, redis.url.clone());
            return Ok(Self::Redis(Box::new(RedisStore::open_read_only(&options).await?)));
        }
        Ok(Self::Sqlite(sqlite::ReadOnlyStore::open(&settings.store.folder)?))
    }

    /// The conversation of a subject, if one exists.
    pub async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        match self {
            Self::Sqlite(peek) => peek.load(subject),
            Self::Redis(store) => store.load(subject).await,
        }
    }

    /// The stored facts about the desk.
    pub async fn notebook(&self) -> Result<Notebook, StoreError> {
        match self {
            Self::Sqlite(peek) => peek.notebook(),
            Self::Redis(store) => store.notebook().await,
        }
    }

    /// Up to `limit` dead letters after `after`, in ascending order.
    pub async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        match self {
            Self::Sqlite(peek) => peek.dead(after, limit),
            Self::Redis(store) => store.dead(after, limit).await,
        }
    }

    /// One dead letter.
    pub async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        match self {
            Self::Sqlite(peek) => peek.dead_letter(id),
            Self::Redis(store) => store.dead_letter(id).await,
        }
    }
}
