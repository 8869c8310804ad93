//! The reading thread: a read waits neither for the writer nor on the runtime's threads.

use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::files::words;
use ports::StoreError;

use super::errors::SqlError;

type Query = Box<dyn FnOnce(&Connection) + Send>;

enum Message {
    Read(Query),
    /// Ends the thread. Answered after the connection is closed.
    Stop(oneshot::Sender<()>),
}

/// Handle of the reading thread. The thread ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Reader(mpsc::Sender<Message>);

impl Reader {
    /// Queries that may wait before callers block.
    const WAITING: usize = 1024;

    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, messages) = mpsc::channel(Self::WAITING);
        thread::Builder::new()
            .name("store-reader".to_owned())
            .spawn(move || work(connection, messages))
            .map_err(|error| StoreError::Io(words(&error)))?;
        Ok(Self(sender))
    }

    /// Runs a query on the thread. It sees everything committed before the call.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let query: Query = Box::new(move |connection| {
            // An error means that the caller was cancelled.
            let _cancelled = answer.send(query(connection).map_err(StoreError::from));
        });
        self.0.send(Message::Read(query)).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
    /// Finishes all earlier queries, then closes the connection.
    pub(super) async fn stop(&self) {
        let (answer, stopped) = oneshot::channel();
        if self.0.send(Message::Stop(answer)).await.is_ok() {
            // An error means that the thread has already ended.
            let _ended = stopped.await;
        }
    }
}

fn work(connection: Connection, mut messages: mpsc::Receiver<Message>) {
    while let Some(message) = messages.blocking_recv() {
        match message {
            Message::Read(query) => query(&connection),
            Message::Stop(answer) => {
                drop(connection);
                let _cancelled = answer.send(());
                return;
            }
        }
    }
}
