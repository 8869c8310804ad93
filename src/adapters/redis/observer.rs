//! Who is told of what happens on the connection.

use std::{sync::Arc, time::Duration};

use fred::error::{Error, ErrorKind};

/// What a command is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Taking updates in.
    Receive,
    /// Writing commits.
    Commit,
    /// Hints to find conversations by.
    Hint,
    /// Reading.
    Read,
    /// Forgetting, figures, the lease, and other housekeeping.
    Upkeep,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandOutcome {
    /// It was answered.
    Ok,
    /// Nobody answered in time.
    Timeout,
    /// The connection was lost, or there was none.
    Connection,
    /// Redis refused it.
    Refused,
}

/// Is told of what happens on the connection to Redis.
pub trait CommandObserver: std::fmt::Debug + Send + Sync + 'static {
    /// A command ended.
    fn called(&self, operation: Operation, outcome: CommandOutcome, took: Duration);
    /// A connection that does not answer is given up on.
    fn reconnecting(&self);
    /// A connection was made, or lost.
    fn connected(&self, connected: bool);
}

/// The observer, if there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Observers(pub Option<Arc<dyn CommandObserver>>);

impl Observers {
    pub(super) fn called(&self, operation: Operation, error: Option<&Error>, took: Duration) {
        let Some(observer) = &self.0 else { return };
        let outcome = match error.map(Error::kind) {
            None => CommandOutcome::Ok,
            Some(ErrorKind::Timeout) => CommandOutcome::Timeout,
            Some(ErrorKind::IO | ErrorKind::Canceled | ErrorKind::Routing | ErrorKind::Tls) => {
                CommandOutcome::Connection
            }
            Some(_) => CommandOutcome::Refused,
        };
        observer.called(operation, outcome, took);
    }

    pub(super) fn reconnecting(&self) {
        if let Some(observer) = &self.0 {
            observer.reconnecting();
        }
    }

    pub(super) fn connected(&self, connected: bool) {
        if let Some(observer) = &self.0 {
            observer.connected(connected);
        }
    }
}
