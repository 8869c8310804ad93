//! The writing thread: all waiting requests share one transaction and one sync.
//!
//! Invariant: a request is answered after its transaction is on disk and in the cache, or after its rollback. A
//! request that cannot be applied never harms the others in its transaction.

use std::{collections::VecDeque, fs::File, sync::Arc, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::adapters::cache::Cache;
use ports::StoreError;

use crate::adapters::sqlite::{
    errors::SqlError,
    file::filesystem::Anchor,
    tables::meta::{self, Numbers, key, open},
    tables::transaction,
    write::request::{WriteRequest, WriteResult},
};

/// Handle of the writing thread. When it is dropped, the thread finishes the queued requests and ends.
#[derive(Debug)]
pub(crate) struct Writer(mpsc::Sender<WriteRequest>);

/// Everything the thread owns.
#[derive(Debug)]
pub(crate) struct WriterParts {
    pub connection: Connection,
    pub anchor: Anchor,
    pub numbers: Numbers,
    pub cache: Arc<Cache>,
    /// Held until the connection is closed.
    pub lock: File,
    /// Closing the store leaves it marked as unclean.
    pub unclean_after: bool,
}

/// Requests that may wait before callers block.
const WAITING: usize = 1024;
/// Requests that share one transaction at most. Bounds the wait of the first of them.
const BATCH: usize = 256;

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(parts: WriterParts) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || parts.work(jobs))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Sends a request and waits for its answer. Requests run in call order, even if the caller is cancelled.
    pub(crate) async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> WriteRequest,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.0.send(job(answer)).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
}

impl WriterParts {
    fn work(mut self, mut jobs: mpsc::Receiver<WriteRequest>) {
        let mut batch = VecDeque::with_capacity(BATCH);
        while let Some(first) = jobs.blocking_recv() {
            batch.push_back(first);
            while batch.len() < BATCH
                && let Ok(job) = jobs.try_recv()
            {
                batch.push_back(job);
            }
            let close = batch.iter().position(|job| matches!(job, WriteRequest::Close(_)));
            let rest = close.map(|at| batch.split_off(at));
            self.run(&mut batch);
            if let Some(WriteRequest::Close(answer)) = rest.and_then(|mut rest| rest.pop_front()) {
                // Later requests are dropped with their channel, which reports `Closed`.
                let _unheard = answer.send(self.close());
                return;
            }
        }
    }

    /// Runs the requests. If one spoils the transaction, it gets its error, and the others run again.
    fn run(&mut self, batch: &mut VecDeque<WriteRequest>) {
        while !batch.is_empty() {
            match self.attempt(batch) {
                Ok(ran) => return self.finish(batch, ran),
                Err(Spoiled { by: Some(index), error: error @ StoreError::Corrupt(_) }) => {
                    if let Some(job) = batch.remove(index) {
                        job.fail(error);
                    }
                }
                Err(Spoiled { error, .. }) => {
                    if matches!(error, StoreError::Full(_)) {
                        self.shrink_log();
                    }
                    batch.drain(..).for_each(|job| job.fail(error.clone()));
                }
            }
        }
    }

    /// Checkpoints the log into the file, which may free disk space for the next transaction.
    fn shrink_log(&self) {
        let shrunk = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        // If the disk is too full for that, the callers get the error of their transaction.
        drop(shrunk);
    }

    fn attempt(&mut self, batch: &VecDeque<WriteRequest>) -> Result<Vec<WriteResult>, Spoiled> {
        self.anchor.holds().map_err(|error| Spoiled { by: None, error })?;
        transaction::run(&self.connection, &mut self.numbers, |transaction| {
            let mut ran = Vec::with_capacity(batch.len());
            for (index, job) in batch.iter().enumerate() {
                let spoiled = |error: SqlError| Spoiled { by: Some(index), error: error.into() };
                let done = job.run(transaction).map_err(spoiled)?;
                ran.push(done);
            }
            Ok(ran)
        })
    }

    /// Updates the cache, then answers the callers.
    fn finish(&self, batch: &mut VecDeque<WriteRequest>, mut ran: Vec<WriteResult>) {
        let mut entries = self.cache.lock();
        for (job, ran) in batch.iter_mut().zip(&mut ran) {
            job.publish(ran, &mut entries);
        }
        drop(entries);
        for (job, ran) in batch.drain(..).zip(ran) {
            job.answer(ran);
        }
    }

    fn close(self) -> Result<(), StoreError> {
        let Self { connection, lock, unclean_after, .. } = self;
        let left = if unclean_after { open::CLOSED_AFTER_A_KILL } else { open::CLOSED };
        let closed = meta::set(&connection, key::OPEN, left)
            .and_then(|()| connection.close().map_err(|(_connection, error)| error));
        drop(lock);
        closed.map_err(|error| SqlError::from(error).into())
    }
}

/// A transaction that was rolled back.
#[derive(Debug)]
struct Spoiled {
    /// Index of the request that caused it; `None` if no request did.
    by: Option<usize>,
    error: StoreError,
}

impl From<rusqlite::Error> for Spoiled {
    fn from(error: rusqlite::Error) -> Self {
        Self { by: None, error: SqlError::from(error).into() }
    }
}
