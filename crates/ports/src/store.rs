//! The store as a whole, and its figures.

use std::{future::Future, time::Duration};

use domain::{Millis, State};

use super::{Cluster, DeadLetters, Inbox, Ledger, Outbox, StoreError};

/// Inbox, ledger, outbox and dead letters in one storage, so that one commit can span them.
pub trait Store: Inbox + Ledger + Outbox + DeadLetters + Cluster {
    /// Returns figures for metrics. Costs a few cheap queries; their cost does not grow with the backlog.
    fn figures(&self) -> impl Future<Output = Result<StoreFigures, StoreError>> + Send;

    /// Checks that the store is usable now: writes a value and reads it back.
    fn probe(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finishes queued writes and closes the files. Later calls fail.
    fn close(&self, limit: Duration) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Figures of a store, for metrics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreFigures {
    /// Number of conversations by state, in the order of [`State::ALL`].
    pub conversations: [u64; State::ALL.len()],
    /// Since when the user who has waited longest waits; `None` if nobody waits.
    pub oldest_waiting: Option<Millis>,
    /// Number of dead letters from the inbox.
    pub dead_updates: u64,
    /// Number of dead letters from the outbox.
    pub dead_sends: u64,
    /// Bytes on disk.
    pub bytes: u64,
}
