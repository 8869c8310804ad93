//! The handle on the Redis store: its state, its figures, its probe and its close.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    sync::{Mutex, RwLock, RwLockReadGuard},
    task::JoinHandle,
};

use crate::adapters::cache::Cache;
use domain::{Millis, Partition, PartitionSet};
use ports::{Store, StoreError, StoreFigures};

use super::{
    arguments::{Args, list, maybe, maybe_integer, text},
    connection::Connection,
    encoding,
    errors::corrupt,
    hints::Hints,
    idempotency::IdempotencyKeys,
    layout::Keys,
    lease_manager::LeaseManager,
    leases::Leases,
    observer::Operation,
    scripts::FIGURES,
    timers::Numbered,
};

/// The store in Redis. If it is dropped without [`Store::close`], the process counts as killed.
#[derive(Debug)]
pub struct RedisStore {
    pub(super) connection: Arc<Connection>,
    pub(super) keys: Keys,
    pub(super) leases: Arc<Leases>,
    pub(super) keeper: LeaseManager,
    pub(super) cache: Arc<Cache>,
    pub(super) hints: Hints,
    pub(super) attempts: Arc<IdempotencyKeys>,
    /// Whether the previous process ended without closing the store; set only if this process uses the store alone.
    pub(super) unclean: bool,
    /// Whether other processes may use the store.
    pub(super) shared: bool,
    pub(super) probes: AtomicI64,
    /// Request numbers that the conversations contained at the last check, and the time of that check.
    pub(super) learnt: Mutex<Option<(Millis, HashSet<Numbered>)>>,
    /// Whether `close` marks the store as closed uncleanly.
    pub(super) unclean_after: bool,
    /// Every call holds a read lock, so `close` waits for all calls.
    pub(super) closed: RwLock<bool>,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

impl RedisStore {
    /// Begins a call, unless the store is closed.
    pub(super) async fn enter(&self) -> Result<RwLockReadGuard<'_, bool>, StoreError> {
        let closed = self.closed.read().await;
        if *closed { Err(StoreError::Closed) } else { Ok(closed) }
    }

    /// Arguments that begin with this process's token.
    pub(super) fn signed(&self) -> Args {
        let mut args = Args::default();
        args.text(self.leases.token.as_str());
        args
    }

    /// The current epoch of links: links of an earlier epoch are out of reach.
    pub(super) fn epoch(&self) -> i64 {
        self.leases.epoch()
    }

    /// Reads one page across partitions: the numbers of a sorted set after `after`, in order, with their bodies from a
    /// hash.
    pub(super) async fn page(
        &self,
        of: PartitionSet,
        index: &str,
        bodies: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let after = after.map_or_else(|| "-inf".to_owned(), |number| format!("({number}"));
        let ids = of.iter().map(|partition| {
            let mut args = Args::default();
            args.text(self.keys.of(partition, index)).text(after.as_str()).text("+inf");
            args.text("LIMIT").text("0").count(limit);
            self.connection.command("ZRANGEBYSCORE", Operation::Read, args)
        });
        let mut found: Vec<(i64, Partition)> = Vec::new();
        for (partition, ids) in of.iter().zip(join_all(ids).await) {
            for id in list(ids?)? {
                found.push((encoding::number(&text(id)?)?, partition));
            }
        }
        found.sort_unstable();
        found.truncate(limit);
        let mut sorted: BTreeMap<Partition, Vec<i64>> = BTreeMap::new();
        for (id, partition) in found {
            sorted.entry(partition).or_default().push(id);
        }
        let read = sorted.into_iter().map(|(partition, ids)| async move {
            let mut args = Args::default();
            args.text(self.keys.of(partition, bodies));
            for id in &ids {
                args.number(*id);
            }
            let read = self.connection.command("HMGET", Operation::Read, args).await?;
            let read = list(read)?.into_iter().map(maybe).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(ids.into_iter().zip(read))
        });
        let mut page = Vec::new();
        for bodies in join_all(read).await {
            page.extend(bodies?.filter_map(|(id, body)| Some((id, body?))));
        }
        page.sort_unstable_by_key(|(id, _)| *id);
        Ok(page)
    }
}

#[ports::async_trait]
impl Store for RedisStore {
    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        let _open = self.enter().await?;
        let parts = self.leases.held().iter().map(|partition| {
            let key = self.keys.base(partition);
            self.connection.script(&FIGURES, Operation::Upkeep, key, Args::default())
        });
        let mut figures = StoreFigures::default();
        for part in join_all(parts).await {
            let mut part = list(part?)?.into_iter().map(maybe_integer);
            let mut next = || part.next().unwrap_or(Ok(None));
            let counted = |number: Option<i64>| u64::try_from(number.unwrap_or(0)).unwrap_or(0);
            for state in &mut figures.conversations {
                *state += counted(next()?);
            }
            figures.dead_updates += counted(next()?);
            figures.dead_sends += counted(next()?);
            let oldest = next()?.map(Millis);
            figures.oldest_waiting = [figures.oldest_waiting, oldest].into_iter().flatten().min();
        }
        let mut args = Args::default();
        args.text("memory");
        let memory = text(self.connection.command("INFO", Operation::Upkeep, args).await?)?;
        let used = memory.lines().find_map(|line| line.strip_prefix("used_memory:"));
        figures.bytes = used.and_then(|used| used.trim().parse().ok()).unwrap_or(0);
        Ok(figures)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        let value = self.probes.fetch_add(1, Ordering::Relaxed).to_string();
        let read = self.note(Partition::DESK, "probe", value.clone(), String::new()).await?;
        if text(read)? == value {
            Ok(())
        } else {
            Err(corrupt("a value just written cannot be found"))
        }
    }

    async fn close(&self, limit: Duration) -> Result<(), StoreError> {
        let close = async {
            let mut closed = self.closed.write().await;
            if std::mem::replace(&mut *closed, true) {
                return Err(StoreError::Closed);
            }
            self.tasks.iter().for_each(JoinHandle::abort);
            self.keeper.go(self.unclean_after).await;
            self.connection.close().await;
            Ok(())
        };
        let late = |_elapsed| Err(StoreError::Busy(format!("it was not closed within {limit:?}")));
        tokio::time::timeout(limit, close).await.unwrap_or_else(late)
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
