//! The store as a whole, and its figures.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use domain::{Millis, State};

use super::{
    Board, DeadLetters, DeskState, Inbox, Leadership, Ledger, LimitHistory, Outbox, Partitions,
    RequestNumbers, Retention, SharedSlots, StoreError,
};

/// Inbox, ledger, outbox and dead letters in one storage, so that one commit can span them, and what the processes on
/// it share.
#[async_trait]
pub trait Store:
    Inbox
    + Ledger
    + DeskState
    + RequestNumbers
    + Retention
    + Outbox
    + DeadLetters
    + Partitions
    + Leadership
    + SharedSlots
    + LimitHistory
    + Board
    + Debug
{
    /// Returns figures for metrics. Costs a few cheap queries; their cost does not grow with the backlog.
    async fn figures(&self) -> Result<StoreFigures, StoreError>;

    /// Checks that the store is usable now: writes a value and reads it back.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Finishes queued writes and closes the files. Later calls fail.
    async fn close(&self, limit: Duration) -> Result<(), StoreError>;
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
