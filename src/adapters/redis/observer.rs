//! Who is told of what happens on the connection.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

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
    /// Slots of Telegram's limits.
    Slots,
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

/// What becomes of this process among those on the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The number of processes, and of this process's partitions.
    Shared {
        /// How many, with this one.
        processes: usize,
        /// How many partitions.
        held: usize,
    },
    /// Number of partitions that were assigned.
    Taken(usize),
    /// A partition was lost to another process.
    Lost,
    /// Redis' clock, in milliseconds since 1970, as told by a command that was sent at `asked`.
    Time {
        /// The clock.
        at: i64,
        /// When it was asked for.
        asked: Instant,
    },
}

/// Is told of what happens on the connection to Redis.
pub trait CommandObserver: std::fmt::Debug + Send + Sync + 'static {
    /// A command ended.
    fn called(&self, operation: Operation, outcome: CommandOutcome, took: Duration);
    /// A connection that does not answer is given up on.
    fn reconnecting(&self);
    /// A connection was made, or lost.
    fn connected(&self, connected: bool);
    /// Something became of this process.
    fn happened(&self, what: Happening);
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

    pub(super) fn happened(&self, what: Happening) {
        if let Some(observer) = &self.0 {
            observer.happened(what);
        }
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
