//! The store as a whole: its figures, its probe, its close, and the health of its server.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::future::join_all;
use tokio::task::JoinHandle;

use domain::{Millis, Partition};
use ports::{Store, StoreError, StoreFigures};

use crate::adapters::redis::{
    client::{health::Health, observer::Operation},
    errors::corrupt,
    script::{
        answers::{Answer, text},
        arguments::Args,
        scripts::FIGURES,
    },
    store::RedisStore,
};

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
            let mut part = Answer::of(part?)?;
            let count = |number: i64| u64::try_from(number).unwrap_or(0);
            for state in &mut figures.conversations {
                *state += count(part.number_or_zero()?);
            }
            figures.dead_updates += count(part.number_or_zero()?);
            figures.dead_sends += count(part.number_or_zero()?);
            let oldest = part.optional_number()?.map(Millis);
            figures.oldest_waiting = [figures.oldest_waiting, oldest].into_iter().flatten().min();
        }
        figures.bytes = self.connection.info("memory").await?.number("used_memory");
        Ok(figures)
    }

    async fn probe(&self) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        let value = self.probes.fetch_add(1, Ordering::Relaxed).to_string();
        let read =
            self.small_change(Partition::DESK, "probe", value.clone(), String::new()).await?;
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
            self.lease_manager.leave(self.unclean_after).await;
            self.connection.close().await;
            Ok(())
        };
        let late = |_elapsed| Err(StoreError::Busy(format!("it was not closed within {limit:?}")));
        tokio::time::timeout(limit, close).await.unwrap_or_else(late)
    }
}

impl RedisStore {
    /// The present state of Redis.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let _open = self.enter().await?;
        self.connection.health().await
    }
}
