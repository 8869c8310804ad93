//! The store's public handle: access to both threads, and the cache in front of them.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;

use crate::adapters::cache::Cache;
use domain::{
    Channel, ChatId, Conversation, DeadId, Link, LinkKey, Millis, OutboxLane, Partition,
    PartitionSet, Seq, Span, Subject, UpdateId, UserId,
};
use ports::{
    Arrival, Backlog, Board, Commit, Committed, DeadLetter, DeadLetters, DeskState, GroupRegistry,
    Imported, Inbox, InboxItem, LanePage, Leadership, Ledger, LimitHistory, Notebook, Outbox,
    OutboxItem, PageEnd, Partitions, Reached, RequestNumbers, Retention, SharedSlots, Store,
    StoreError, StoreFigures, Taken,
};

use super::{
    errors::{SqlError, corrupt},
    figures::figures,
    reader::Reader,
    tables::{
        conversations, dead, facts, groups, inbox, links,
        meta::{self, key},
        outbox, requests,
        transaction::Transaction,
    },
    write::{CommitAll, Forget, TakeIn, Writer},
};

/// The embedded store. If it is dropped without [`Store::close`], the next start sees an unclean end.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    reader: Reader,
    cache: Arc<Cache>,
    notebook: Notebook,
    file: PathBuf,
    log_is_lost: bool,
    probes: AtomicI64,
    /// Values published by name. SQLite serves one process, so they stay in memory.
    published: Mutex<HashMap<String, BTreeMap<Partition, String>>>,
    closed: AtomicBool,
}

impl SqliteStore {
    pub(super) fn new(
        writer: Writer,
        reader: Reader,
        cache: Arc<Cache>,
        notebook: Notebook,
        (file, log_is_lost): (PathBuf, bool),
    ) -> Self {
        let (probes, closed) = (AtomicI64::new(0), AtomicBool::new(false));
        let published = Mutex::default();
        Self { writer, reader, cache, notebook, file, log_is_lost, probes, published, closed }
    }

    /// Whether a killed process's log is missing, and its last writes with it. The cause may be harmless: another
    /// program that opens the file moves the log into it.
    pub fn log_is_lost(&self) -> bool {
        self.log_is_lost
    }

    /// Whether the last run ended without closing the store.
    pub fn was_killed(&self) -> bool {
        self.notebook.unclean
    }

    /// The writing thread; an error after the store was closed.
    fn writer(&self) -> Result<&Writer, StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(&self.writer) }
    }

    /// The reading thread; an error after the store was closed.
    fn reader(&self) -> Result<&Reader, StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(&self.reader) }
    }
}

#[ports::async_trait]
impl Inbox for SqliteStore {
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        self.writer()?.write(TakeIn { batch, offset }).await
    }

    async fn undecided(
        &self,
        of: PartitionSet,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.reader()?.read(move |connection| inbox::list(connection, of, after, limit)).await
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        self.writer()?.run(move |tx| inbox::set_attempts(tx.connection, seq, attempts)).await
    }
}

#[ports::async_trait]
impl Ledger for SqliteStore {
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        let reader = self.reader()?;
        let began = {
            let mut cache = self.cache.lock();
            if let Some(found) = cache.conversation(subject) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let loaded =
            reader.read(move |connection| conversations::load(connection, subject)).await?;
        if let Some(conversation) = &loaded {
            self.cache.lock().read(began, conversation);
        }
        Ok(loaded)
    }

    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let reader = self.reader()?;
        let began = {
            let mut cache = self.cache.lock();
            if let Some(found) = cache.link(key) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let found = reader.read(move |connection| links::find(connection, key)).await?;
        if let Some(link) = found {
            self.cache.lock().read_link(began, key, link);
        }
        Ok(found)
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        self.writer()?.write(CommitAll(commits)).await
    }

    async fn due(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        self.reader()?.read(move |connection| conversations::due(connection, of, now, limit)).await
    }

    async fn page(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        let after = after.map_or(i64::MIN, |end| end.at);
        let read = move |connection: &_| conversations::page(connection, of, after, limit);
        let (page, last) = self.reader()?.read(read).await?;
        // SQLite keeps all partitions in one list.
        Ok((page, last.map(|at| PageEnd { partition: Partition::DESK, at })))
    }
}

#[ports::async_trait]
impl DeskState for SqliteStore {
    async fn notebook(&self) -> Result<Notebook, StoreError> {
        self.writer()?;
        Ok(self.notebook)
    }

    async fn register_groups(&self, configured: &[ChatId]) -> Result<GroupRegistry, StoreError> {
        let configured = configured.to_vec();
        let register = move |tx: &mut Transaction<'_>| {
            let before = groups::read(tx.connection)?;
            let mut registry = before.clone();
            let registered = registry.register(&configured);
            registered.map_err(|too_many| SqlError(StoreError::Full(too_many.to_string())))?;
            for row in registry.0.iter().filter(|row| !before.0.contains(row)) {
                groups::write(tx.connection, row)?;
            }
            Ok(registry)
        };
        self.writer()?.run(register).await
    }

    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError> {
        self.writer()?.run(move |tx| Ok(facts::set_imported(tx.connection, imported)?)).await
    }
}

#[ports::async_trait]
impl RequestNumbers for SqliteStore {
    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError> {
        self.writer()?.run(move |tx| Ok(requests::number(tx.connection, user, nth)?)).await
    }

    async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        self.writer()?.run(move |tx| Ok(requests::raise_to(tx.connection, last)?)).await
    }
}

#[ports::async_trait]
impl Retention for SqliteStore {
    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError> {
        self.writer()?.write(Forget { links, updates }).await
    }
}

#[ports::async_trait]
impl Outbox for SqliteStore {
    async fn backlog(&self, _all: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        self.reader()?.read(outbox::backlog).await
    }

    async fn lanes(
        &self,
        _all: PartitionSet,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> Result<LanePage, StoreError> {
        // All partitions share one table and were scanned up to the same number.
        self.reader()?.read(move |found| outbox::lanes(found, channel, from.least(), limit)).await
    }

    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.reader()?
            .read(move |connection| outbox::list_lane(connection, lane, after, limit))
            .await
    }
}

#[ports::async_trait]
impl DeadLetters for SqliteStore {
    async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        self.reader()?.read(move |connection| dead::list(connection, after, limit)).await
    }

    async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        self.reader()?.read(move |connection| dead::find(connection, id)).await
    }

    async fn drop_dead(&self, id: DeadId) -> Result<bool, StoreError> {
        self.writer()?.run(move |tx| dead::remove(tx, id)).await
    }
}

/// One process holds the folder, so it holds every partition.
#[ports::async_trait]
impl Board for SqliteStore {
    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError> {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        published.entry(name.to_owned()).or_default().extend(texts);
        Ok(())
    }

    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = published.get(name).into_iter().flatten();
        Ok(texts.map(|(partition, text)| (*partition, text.clone())).collect())
    }
}

impl Partitions for SqliteStore {}

impl Leadership for SqliteStore {}

impl SharedSlots for SqliteStore {}

#[ports::async_trait]
impl LimitHistory for SqliteStore {
    async fn record_limited(&self, spans: Vec<Span>, forget: Millis) -> Result<(), StoreError> {
        let write =
            move |tx: &mut Transaction<'_>| Ok(facts::set_limited(tx.connection, &spans, forget)?);
        self.writer()?.run(write).await
    }

    async fn limited(&self) -> Result<Vec<Span>, StoreError> {
        self.reader()?.read(|connection| Ok(facts::limited(connection)?)).await
    }
}

#[ports::async_trait]
impl Store for SqliteStore {
    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        let file = self.file.clone();
        self.reader()?.read(move |connection| figures(connection, &file)).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let value = self.probes.fetch_add(1, Ordering::Relaxed);
        self.writer()?.run(move |tx| Ok(meta::set(tx.connection, key::PROBE, value)?)).await?;
        let read = |connection: &Connection| Ok(meta::get(connection, key::PROBE)?);
        // A later probe may have written its own value in the meantime.
        if self.reader()?.read(read).await?.is_some() {
            Ok(())
        } else {
            Err(corrupt("a value just written cannot be found").into())
        }
    }

    async fn close(&self, limit: Duration) -> Result<(), StoreError> {
        if self.closed.swap(true, Ordering::AcqRel) {
            return Err(StoreError::Closed);
        }
        let close = async {
            // The last connection to close checkpoints the log. The writer closes last.
            self.reader.stop().await;
            self.writer.close().await
        };
        let late = |_elapsed| Err(StoreError::Busy(format!("it was not closed within {limit:?}")));
        tokio::time::timeout(limit, close).await.unwrap_or_else(late)
    }
}
