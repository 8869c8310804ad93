//! The thread that writes: whatever waits for it goes into one transaction and shares its sync.
//!
//! Invariant: a job is answered after its transaction is on disk and the cache knows it, or after it
//! was rolled back. One job that cannot be done never harms the others of its batch.

use std::{collections::VecDeque, fs::File, sync::Arc, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::adapters::cache::Cache;
use ports::StoreError;

use super::{
    errors::SqlError,
    filesystem::Anchor,
    meta::{self, Numbers, key, open},
    transaction,
    write_request::{WriteRequest, WriteResult},
};

/// The writing thread's door. The thread finishes what is queued and ends when it is dropped.
#[derive(Debug)]
pub(super) struct Writer(mpsc::Sender<WriteRequest>);

/// What the thread works with.
#[derive(Debug)]
pub(super) struct WriterParts {
    pub connection: Connection,
    pub anchor: Anchor,
    pub numbers: Numbers,
    pub cache: Arc<Cache>,
    /// Held until the connection is closed.
    pub lock: File,
    /// What closing leaves remembered as unclean.
    pub unclean_after: bool,
}

/// Jobs that may wait before callers do.
const WAITING: usize = 1024;
/// Jobs that share one transaction, at most: bounds how long the first of them waits.
const BATCH: usize = 256;

impl Writer {
    /// Starts the thread.
    pub(super) fn start(parts: WriterParts) -> Result<Self, StoreError> {
        let (sender, jobs) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || parts.work(jobs))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Has a job done, in the order of calls. If the caller is cancelled, it is done all the same.
    pub(super) async fn ask<T>(
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
                // Whatever came later is dropped with its channel, which says `Closed`.
                let _unheard = answer.send(self.close());
                return;
            }
        }
    }

    /// Runs the batch; jobs that spoil it are answered and left out, then the rest runs again.
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

    /// Brings the log into the file, which may free enough of the disk for the next transaction.
    fn shrink_log(&self) {
        let shrunk = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        // If there is no room for that either, the callers know already.
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

    /// Tells the cache, then the callers.
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
    /// The job that did it; `None` if it was none of them.
    by: Option<usize>,
    error: StoreError,
}

impl From<rusqlite::Error> for Spoiled {
    fn from(error: rusqlite::Error) -> Self {
        Self { by: None, error: SqlError::from(error).into() }
    }
}
