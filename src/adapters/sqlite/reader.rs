//! The reading thread: a read waits neither for the writer nor on the runtime's threads.

use std::{fmt, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use ports::StoreError;

use super::errors::SqlError;

type Question = Box<dyn FnOnce(&Connection) + Send>;

enum Message {
    Ask(Question),
    /// Ends the thread. Answered after the connection is closed.
    Stop(oneshot::Sender<()>),
}

/// Handle of the reading thread. The thread ends when the handle is dropped.
pub(super) struct Reader(mpsc::Sender<Message>);

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    const WAITING: usize = 1024;

    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, messages) = mpsc::channel(Self::WAITING);
        thread::Builder::new()
            .name("store-reader".to_owned())
            .spawn(move || work(connection, messages))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Runs a query on the thread. It sees everything committed before the call.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, SqlError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            // The caller was cancelled: nobody waits for the answer.
            let _unheard = answer.send(question(connection).map_err(StoreError::from));
        });
        self.0.send(Message::Ask(question)).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
    /// Answers all earlier queries, then closes the connection.
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
            Message::Ask(question) => question(&connection),
            Message::Stop(answer) => {
                drop(connection);
                let _unheard = answer.send(());
                return;
            }
        }
    }
}
