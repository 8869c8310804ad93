//! The store that the settings choose: SQLite in a folder, or Redis.

use std::{sync::Arc, time::Duration};

use crate::{
    adapters::{
        redis::{self, CommandObserver, RedisStore},
        sqlite::{self, SqliteStore},
    },
    config::Settings,
};
use domain::{
    Channel, Conversation, DeadId, InboxLane, Limits, Link, LinkKey, Millis, OutboxLane, Partition,
    PartitionSet, Seq, Subject, UpdateId, UserId,
};
use ports::{
    Arrival, Backlog, Cluster, Commit, Committed, DeadLetter, DeadLetters, Imported, Inbox,
    InboxItem, LanePage, Ledger, Notebook, Outbox, OutboxItem, PageEnd, PartitionEvent, Reached,
    SharedLimits, SlotsAsked, SlotsGiven, Store, StoreError, StoreFigures, Taken,
};

/// One of the two stores.
#[derive(Debug)]
pub enum AnyStore {
    /// SQLite in a folder.
    Sqlite(SqliteStore),
    /// Redis.
    Redis(Box<RedisStore>),
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

impl AnyStore {
    /// Opens the configured store to run the desk. `run` names this process to the others. The runs in `dead` are
    /// certainly dead, so their leases are not waited for.
    pub(in crate::app) async fn join(
        settings: &Settings,
        (run, dead): (String, Vec<String>),
        observer: Arc<dyn CommandObserver>,
    ) -> Result<Self, OpenError> {
        let Some(redis) = &settings.store.redis else {
            let options = sqlite::Options::default();
            return Ok(Self::Sqlite(SqliteStore::open(&settings.store.folder, &options)?));
        };
        let options = redis::Options {
            observer: Some(observer),
            token: Some(run),
            dead,
            ..redis::Options::at(redis.url.clone())
        };
        Ok(Self::Redis(Box::new(RedisStore::join(&options).await?)))
    }

    /// Whether an abnormal end has not been reported yet. Only the first process that asks gets `true`.
    pub(in crate::app) async fn is_news(&self, run: &str) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Redis(store) => store.is_first_report(run).await,
        }
    }

    /// Opens the configured store for maintenance, exclusively.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        if let Some(redis) = &settings.store.redis {
            let url = redis.url.clone();
            let options = redis::Options { maintenance: true, ..redis::Options::at(url) };
            return Ok(Self::Redis(Box::new(RedisStore::open(&options).await?)));
        }
        let options = sqlite::Options { maintenance: true, ..sqlite::Options::default() };
        Ok(Self::Sqlite(SqliteStore::open(&settings.store.folder, &options)?))
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
            let options = redis::Options::at(redis.url.clone());
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

/// Delegates a call to the store in use.
macro_rules! ask {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self {
            Self::Sqlite(store) => store.$method($($argument),*).await,
            Self::Redis(store) => store.$method($($argument),*).await,
        }
    };
}

impl Inbox for AnyStore {
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        ask!(self.take_in(batch, offset))
    }

    async fn undecided(
        &self,
        of: PartitionSet,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        ask!(self.undecided(of, after, limit))
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        ask!(self.failed(seq, attempts))
    }
}

impl Ledger for AnyStore {
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        ask!(self.load(subject))
    }

    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        ask!(self.link(key))
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        ask!(self.commit(commits))
    }

    async fn notebook(&self) -> Result<Notebook, StoreError> {
        ask!(self.notebook())
    }

    async fn due(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        ask!(self.due(of, now, limit))
    }

    async fn page(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        ask!(self.page(of, after, limit))
    }

    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError> {
        ask!(self.request(user, nth))
    }

    async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        ask!(self.requests_from(last))
    }

    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError> {
        ask!(self.remember_import(imported))
    }

    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError> {
        ask!(self.forget(links, updates))
    }
}

impl Outbox for AnyStore {
    async fn backlog(&self, of: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        ask!(self.backlog(of))
    }

    async fn lanes(
        &self,
        of: PartitionSet,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> Result<LanePage, StoreError> {
        ask!(self.lanes(of, channel, from, limit))
    }

    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        ask!(self.next(lane, after, limit))
    }
}

impl DeadLetters for AnyStore {
    async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        ask!(self.dead(after, limit))
    }

    async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        ask!(self.dead_letter(id))
    }

    async fn drop_dead(&self, id: DeadId) -> Result<bool, StoreError> {
        ask!(self.drop_dead(id))
    }
}

/// Delegates a synchronous call to the store in use.
macro_rules! tell {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self {
            Self::Sqlite(store) => store.$method($($argument),*),
            Self::Redis(store) => store.$method($($argument),*),
        }
    };
}

impl Cluster for AnyStore {
    async fn next_event(&self) -> PartitionEvent {
        ask!(self.next_event())
    }

    fn serve(&self, partitions: PartitionSet) {
        tell!(self.serve(partitions));
    }

    async fn release(&self, partitions: PartitionSet) {
        ask!(self.release(partitions));
    }

    fn held_at_start(&self) -> PartitionSet {
        tell!(self.held_at_start())
    }

    fn holds(&self, lane: OutboxLane) -> bool {
        tell!(self.holds(lane))
    }

    fn decides(&self, lane: InboxLane) -> bool {
        tell!(self.decides(lane))
    }

    async fn leading(&self) {
        ask!(self.leading());
    }

    async fn leadership_lost(&self) {
        ask!(self.leadership_lost());
    }

    async fn record_watchdog(&self, now: Option<Millis>) -> Result<Option<Millis>, StoreError> {
        ask!(self.record_watchdog(now))
    }

    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError> {
        ask!(self.publish(name, texts))
    }

    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        ask!(self.published(name))
    }

    async fn slots(&self, asked: SlotsAsked) -> Result<Option<SlotsGiven>, StoreError> {
        ask!(self.slots(asked))
    }

    async fn remaining(&self, limits: SharedLimits) -> Result<Limits, StoreError> {
        ask!(self.remaining(limits))
    }

    fn shares_limits(&self) -> bool {
        tell!(self.shares_limits())
    }
}

impl Store for AnyStore {
    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        ask!(self.figures())
    }

    async fn probe(&self) -> Result<(), StoreError> {
        ask!(self.probe())
    }

    async fn close(&self, limit: Duration) -> Result<(), StoreError> {
        ask!(self.close(limit))
    }
}
