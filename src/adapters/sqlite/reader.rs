//! The thread that reads, so that reading waits neither for the writer nor on the runtime's threads.

use std::{fmt, thread};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::ports::StoreError;

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The reading thread's door. The thread ends when it is dropped.
pub(super) struct Reader(mpsc::Sender<Question>);

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    const WAITING: usize = 1024;

    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, mut questions) = mpsc::channel::<Question>(Self::WAITING);
        thread::Builder::new()
            .name("store-reader".to_owned())
            .spawn(move || {
                while let Some(question) = questions.blocking_recv() {
                    question(&connection);
                }
            })
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Asks the file. Sees everything that was committed before.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            // Nobody waits for it any more: the caller was cancelled.
            let _unheard = answer.send(question(connection));
        });
        self.0.send(question).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.map_err(|_closed| StoreError::Closed)?
    }
}
