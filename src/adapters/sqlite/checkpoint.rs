//! The thread that copies the log into the file, so that no commit waits while that is done.
//!
//! A passive checkpoint holds up neither readers nor the writer. Under a load that never pauses it may not
//! catch up; then the writer does it itself, at the length that `connection` sets.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::ports::StoreError;

/// How often the log is copied. Pages that change often are copied once in this time.
const EVERY: Duration = Duration::from_secs(1);

/// The checkpointing thread's door. The thread ends when it is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer(mpsc::Sender<oneshot::Sender<()>>);

impl Checkpointer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (sender, stop) = mpsc::channel();
        thread::Builder::new()
            .name("store-checkpoint".to_owned())
            .spawn(move || work(connection, &stop))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self(sender))
    }

    /// Ends the thread and closes its connection.
    pub(super) async fn stop(&self) {
        let (answer, stopped) = oneshot::channel();
        if self.0.send(answer).is_ok() {
            // An error says that the thread has ended: just as well.
            let _ended = stopped.await;
        }
    }
}

fn work(connection: Connection, stop: &mpsc::Receiver<oneshot::Sender<()>>) {
    loop {
        match stop.recv_timeout(EVERY) {
            Err(RecvTimeoutError::Timeout) => {
                // What fails here fails for the writer as well, which says so to its callers.
                let _tried = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Ok(answer) => {
                drop(connection);
                let _unheard = answer.send(());
                return;
            }
        }
    }
}
