//! The writing thread: all waiting requests share one transaction and one sync.
//!
//! Invariant: a request is answered after its transaction is on disk and in the cache, or after its rollback. A
//! request that cannot be applied never harms the others in its transaction.

use std::{collections::VecDeque, fs::File, sync::Arc, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{
    adapters::{
        cache::Cache,
        sqlite::{
            errors::SqlError,
            file::filesystem::Anchor,
            tables::{
                meta::{self, key, open},
                numbers::Numbers,
                transaction::{self, Transaction},
            },
        },
    },
    files::words,
};
use ports::StoreError;

use super::request::{Caller, Uncached, Write, WriteRequest, request};

/// Handle of the writing thread. When it is dropped, the thread finishes the queued requests and ends.
#[derive(Debug)]
pub(crate) struct Writer(mpsc::Sender<Message>);

enum Message {
    Write(Box<dyn WriteRequest>),
    /// Ends the thread. Answered after the connection is closed.
    Close(Caller<()>),
}

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
        let (sender, messages) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || parts.work(messages))
            .map_err(|error| StoreError::Io(words(&error)))?;
        Ok(Self(sender))
    }

    /// Runs a write that the cache does not depend on, and waits for its result. It may run again after a rollback.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Transaction<'_>) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write(Uncached(write)).await
    }

    /// Runs a write and waits for its answer. Writes run in call order, even if the caller is cancelled.
    pub(crate) async fn write<W: Write>(&self, write: W) -> Result<W::Answer, StoreError> {
        self.ask(|caller| Message::Write(request(write, caller))).await
    }

    /// Finishes the earlier requests, then closes the connection. Later requests fail with [`StoreError::Closed`].
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.ask(Message::Close).await
    }

    async fn ask<T>(&self, message: impl FnOnce(Caller<T>) -> Message) -> Result<T, StoreError> {
        let (caller, answered) = oneshot::channel();
        self.0.send(message(caller)).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
}

/// Requests of one transaction, in call order.
type Batch = VecDeque<Box<dyn WriteRequest>>;

impl WriterParts {
    fn work(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut batch = Batch::with_capacity(BATCH);
        while let Some(first) = messages.blocking_recv() {
            let close = collect(first, &mut messages, &mut batch);
            self.run(&mut batch);
            if let Some(caller) = close {
                // Later requests are dropped with their channel, which reports `Closed`.
                let _cancelled = caller.send(self.close());
                return;
            }
        }
    }

    /// Runs the requests. If one of them cannot be applied, it gets its error, and the others run again. Any other
    /// error is that of all requests.
    fn run(&mut self, batch: &mut Batch) {
        while !batch.is_empty() {
            match self.attempt(batch) {
                Ok(()) => return self.finish(batch),
                Err(Failure { request: Some(index), error: error @ StoreError::Corrupt(_) }) => {
                    if let Some(request) = batch.remove(index) {
                        request.fail(error);
                    }
                }
                Err(Failure { error, .. }) => {
                    if matches!(error, StoreError::Full(_)) {
                        self.shrink_log();
                    }
                    batch.drain(..).for_each(|request| request.fail(error.clone()));
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

    fn attempt(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        self.anchor.check().map_err(|error| Failure { request: None, error })?;
        transaction::run(&self.connection, &mut self.numbers, |transaction| {
            for (index, request) in batch.iter_mut().enumerate() {
                let failure =
                    |error: SqlError| Failure { request: Some(index), error: error.into() };
                request.run(transaction).map_err(failure)?;
            }
            Ok(())
        })
    }

    /// Updates the cache, then answers the callers.
    fn finish(&self, batch: &mut Batch) {
        let mut entries = self.cache.lock();
        for request in batch.iter_mut() {
            request.publish(&mut entries);
        }
        drop(entries);
        batch.drain(..).for_each(WriteRequest::answer);
    }

    fn close(self) -> Result<(), StoreError> {
        let Self { connection, lock, unclean_after, .. } = self;
        let end = if unclean_after { open::CLOSED_AFTER_A_KILL } else { open::CLOSED };
        let closed = meta::set(&connection, key::OPEN, end)
            .and_then(|()| connection.close().map_err(|(_connection, error)| error));
        drop(lock);
        closed.map_err(|error| SqlError::from(error).into())
    }
}

/// Moves waiting requests into the batch, until it is full or none is left. Stops at a request to close the store.
fn collect(
    first: Message,
    messages: &mut mpsc::Receiver<Message>,
    batch: &mut Batch,
) -> Option<Caller<()>> {
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Message::Write(request) => batch.push_back(request),
            Message::Close(caller) => return Some(caller),
        }
        next = if batch.len() < BATCH { messages.try_recv().ok() } else { None };
    }
    None
}

/// The reason why a transaction was rolled back.
#[derive(Debug)]
struct Failure {
    /// Index of the request that caused it; `None` if no request did.
    request: Option<usize>,
    error: StoreError,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self { request: None, error: SqlError::from(error).into() }
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, path::Path};

    use super::*;
    use crate::adapters::sqlite::file::schema;

    type Answered = oneshot::Receiver<Result<(), StoreError>>;

    /// A writer without a thread.
    fn writer() -> WriterParts {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        WriterParts {
            numbers: Numbers::load(&connection).unwrap(),
            connection,
            anchor: Anchor::new(Path::new("a file that is not there")),
            cache: Arc::new(Cache::new(NonZeroUsize::MIN)),
            lock: File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap(),
            unclean_after: false,
        }
    }

    /// A request that stores a value under `key`, and then ends in this way.
    fn setting(
        key: &'static str,
        end: Result<(), StoreError>,
    ) -> (Box<dyn WriteRequest>, Answered) {
        let (caller, answered) = oneshot::channel();
        let write = move |transaction: &mut Transaction<'_>| {
            meta::set(transaction.connection, key, 1)?;
            end.clone().map_err(SqlError::from)
        };
        (request(Uncached(write), caller), answered)
    }

    /// Runs three requests, of which the second ends in this error. Returns what each caller got, and whether each
    /// value is stored.
    fn run(error: StoreError) -> ([Result<(), StoreError>; 3], [bool; 3]) {
        let mut writer = writer();
        let requests = [("first", Ok(())), ("second", Err(error)), ("third", Ok(()))]
            .map(|(key, end)| setting(key, end));
        let mut batch = Batch::new();
        let answers = requests.map(|(request, answered)| {
            batch.push_back(request);
            answered
        });
        writer.run(&mut batch);
        let stored = ["first", "second", "third"]
            .map(|key| meta::get(&writer.connection, key).unwrap().is_some());
        (answers.map(|mut answered| answered.try_recv().unwrap()), stored)
    }

    #[test]
    fn a_request_that_cannot_be_applied_fails_alone() {
        let corrupt = StoreError::Corrupt("a row".to_owned());
        let (answers, stored) = run(corrupt.clone());
        assert_eq!(answers, [Ok(()), Err(corrupt), Ok(())]);
        assert_eq!(stored, [true, false, true]);
    }

    #[test]
    fn an_error_of_the_disk_is_that_of_all_requests_and_nothing_is_written() {
        for error in [StoreError::Full(String::new()), StoreError::Io(String::new())] {
            let (answers, stored) = run(error.clone());
            assert_eq!(answers, [Err(error.clone()), Err(error.clone()), Err(error)]);
            assert_eq!(stored, [false; 3]);
        }
    }

    #[test]
    fn a_batch_ends_at_its_limit_and_before_a_close() {
        let (sender, mut messages) = mpsc::channel(2 * BATCH);
        let write = || Message::Write(setting("key", Ok(())).0);
        let (caller, _answered) = oneshot::channel();
        for _ in 0..=BATCH {
            sender.try_send(write()).unwrap();
        }
        sender.try_send(Message::Close(caller)).unwrap();
        sender.try_send(write()).unwrap();

        let mut next = || {
            let (first, mut batch) = (messages.try_recv().unwrap(), Batch::new());
            let close = collect(first, &mut messages, &mut batch);
            (batch.len(), close.is_some())
        };
        assert_eq!(next(), (BATCH, false));
        assert_eq!(next(), (1, true));
        assert_eq!(next(), (1, false), "a request after the close stays in the channel");
    }
}
