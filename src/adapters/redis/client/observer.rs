//! The interface through which telemetry observes commands, connections and leases.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fred::error::{Error, ErrorKind};

/// Purpose of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Taking updates in.
    Receive,
    /// Writing commits.
    Commit,
    /// Reading and writing hints.
    Hint,
    /// Slots of Telegram's limits.
    Slots,
    /// Reading.
    Read,
    /// Leases, figures, deletion of old records, and other housekeeping.
    Upkeep,
}

/// Result of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommandOutcome {
    /// Redis answered without an error.
    Ok,
    /// No answer arrived in time.
    Timeout,
    /// The connection was lost, or there was none.
    Connection,
    /// Redis answered with an error.
    Refused,
}

/// An event of this process among the processes on the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The number of processes, and of this process's partitions.
    Shared {
        /// Number of processes, with this one.
        processes: usize,
        /// Number of partitions that this process holds.
        held: usize,
    },
    /// Number of partitions that were assigned.
    Taken(usize),
    /// A partition was lost to another process.
    Lost,
    /// A reading of Redis' clock, from a command that was sent at `asked`.
    Time {
        /// Redis' time, in milliseconds since 1970.
        at: i64,
        /// When the command was sent.
        asked: Instant,
    },
}

/// Observes the connection to Redis.
pub trait CommandObserver: std::fmt::Debug + Send + Sync + 'static {
    /// A command ended.
    fn called(&self, operation: Operation, outcome: CommandOutcome, took: Duration);
    /// A connection that does not answer is replaced.
    fn reconnecting(&self);
    /// The connection was made (`true`) or lost (`false`).
    fn connected(&self, connected: bool);
    /// An event of this process.
    fn happened(&self, what: Happening);
}

/// The observer, if there is one.
#[derive(Debug, Clone, Default)]
pub(in crate::adapters::redis) struct Observers(pub Option<Arc<dyn CommandObserver>>);

impl Observers {
    pub(in crate::adapters::redis) fn called(
        &self,
        operation: Operation,
        error: Option<&Error>,
        took: Duration,
    ) {
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

    pub(in crate::adapters::redis) fn happened(&self, what: Happening) {
        if let Some(observer) = &self.0 {
            observer.happened(what);
        }
    }

    pub(super) fn reconnecting(&self) {
        if let Some(observer) = &self.0 {
            observer.reconnecting();
        }
    }

    pub(in crate::adapters::redis) fn connected(&self, connected: bool) {
        if let Some(observer) = &self.0 {
            observer.connected(connected);
        }
    }
}
