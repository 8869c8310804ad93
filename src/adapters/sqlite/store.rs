//! The store's public handle: access to both threads, and the cache in front of them.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension};

use crate::adapters::cache::Cache;
use domain::{Millis, Partition};
use ports::{
    Board, Leadership, Notebook, Partitions, SharedSlots, Store, StoreError, StoreFigures,
};

use super::{
    errors::{SqlError, corrupt},
    meta::{self, Counts, key},
    reader::Reader,
    write_request::WriteRequest,
    writer::Writer,
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
    shown: Mutex<HashMap<String, BTreeMap<Partition, String>>>,
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
        let shown = Mutex::default();
        Self { writer, reader, cache, notebook, file, log_is_lost, probes, shown, closed }
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
    pub(super) fn writer(&self) -> Result<&Writer, StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(&self.writer) }
    }

    /// The reading thread; an error after the store was closed.
    pub(super) fn reader(&self) -> Result<&Reader, StoreError> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(&self.reader) }
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(super) fn notes(&self) -> Notebook {
        self.notebook
    }
}

/// One process holds the folder, so it holds every partition.
impl Partitions for SqliteStore {}

impl Leadership for SqliteStore {}

impl SharedSlots for SqliteStore {}

#[ports::async_trait]
impl Board for SqliteStore {
    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.entry(name.to_owned()).or_default().extend(texts);
        Ok(())
    }

    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = shown.get(name).into_iter().flatten();
        Ok(texts.map(|(partition, text)| (*partition, text.clone())).collect())
    }
}

#[ports::async_trait]
impl Store for SqliteStore {
    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        let file = self.file.clone();
        self.reader()?.ask(move |connection| figures(connection, &file)).await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let value = self.probes.fetch_add(1, Ordering::Relaxed);
        self.writer()?.ask(|answer| WriteRequest::Probe { value, answer }).await?;
        let read = |connection: &Connection| Ok(meta::get(connection, key::PROBE)?);
        // A later probe may have written its own value in the meantime.
        if self.reader()?.ask(read).await?.is_some() {
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
            self.writer.ask(WriteRequest::Close).await
        };
        let late = |_elapsed| Err(StoreError::Busy(format!("it was not closed within {limit:?}")));
        tokio::time::timeout(limit, close).await.unwrap_or_else(late)
    }
}

/// Computes the figures from the counters and from index lookups.
pub(super) fn figures(
    connection: &Connection,
    file: &std::path::Path,
) -> Result<StoreFigures, SqlError> {
    let (conversations, dead_updates, dead_sends) = Counts::load(connection)?;
    let oldest: Option<Option<i64>> = connection
        .prepare_cached("SELECT min(waiting) FROM conversations WHERE waiting IS NOT NULL")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let bytes = ["", "-wal"].into_iter().map(|end| {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        fs::metadata(path).map_or(0, |found| found.len())
    });
    Ok(StoreFigures {
        conversations,
        oldest_waiting: oldest.flatten().map(Millis),
        dead_updates,
        dead_sends,
        bytes: bytes.sum(),
    })
}
