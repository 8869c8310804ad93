//! The interface through which telemetry observes commands, connections and leases.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use fred::error::{Error, ErrorKind};

use crate::adapters::redis::errors::is_denial;

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
    /// Redis refuses the desk's password or user, or a command that the user has no right to.
    Denied,
    /// Redis answered with an error.
    Refused,
}

/// An event of this process among the processes on the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterEvent {
    /// The task that renews the leases turns. Between two of these there are at most a few commands, each with a time
    /// limit.
    Turned,
    /// The number of processes, and of this process's partitions.
    Balanced {
        /// Number of processes, with this one.
        processes: usize,
        /// Number of partitions that this process holds.
        held: usize,
    },
    /// Number of partitions that were assigned.
    Assigned(usize),
    /// A partition was lost to another process.
    Lost,
    /// A reading of Redis' clock, from a command that was sent at `sent`.
    ServerTime {
        /// Redis' time, in milliseconds since 1970.
        at: i64,
        /// When the command was sent.
        sent: Instant,
    },
}

/// Observes the connection to Redis.
pub trait CommandObserver: std::fmt::Debug + Send + Sync + 'static {
    /// A command ended.
    fn command_ended(&self, operation: Operation, outcome: CommandOutcome, took: Duration);
    /// A connection that does not answer is replaced.
    fn reconnecting(&self);
    /// Redis refuses the desk's password or user. Reported again while it lasts.
    fn denied(&self);
    /// The connection was made (`true`) or lost (`false`).
    fn connected(&self, connected: bool);
    /// An event of this process.
    fn cluster_event(&self, event: ClusterEvent);
}

/// The observer, if there is one.
#[derive(Debug, Clone, Default)]
pub(in crate::adapters::redis) struct OptionalObserver(pub Option<Arc<dyn CommandObserver>>);

impl OptionalObserver {
    pub(super) fn command_ended(
        &self,
        operation: Operation,
        error: Option<&Error>,
        took: Duration,
    ) {
        let Some(observer) = &self.0 else { return };
        let outcome = match error.map(Error::kind) {
            None => CommandOutcome::Ok,
            Some(_) if error.is_some_and(is_denial) => CommandOutcome::Denied,
            Some(ErrorKind::Timeout) => CommandOutcome::Timeout,
            Some(ErrorKind::IO | ErrorKind::Canceled | ErrorKind::Routing | ErrorKind::Tls) => {
                CommandOutcome::Connection
            }
            Some(_) => CommandOutcome::Refused,
        };
        observer.command_ended(operation, outcome, took);
    }

    pub(super) fn cluster_event(&self, event: ClusterEvent) {
        if let Some(observer) = &self.0 {
            observer.cluster_event(event);
        }
    }

    pub(super) fn denied(&self) {
        if let Some(observer) = &self.0 {
            observer.denied();
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
