//! A store as a whole: what it can fail with, and what it tells about itself.

use std::{future::Future, time::Duration};

use domain::{Millis, State};

use super::{DeadLetters, Inbox, Ledger, Outbox, Share};

/// Inbox, ledger, outbox and dead letters over one storage, so that one commit can span them.
pub trait Store: Inbox + Ledger + Outbox + DeadLetters + Share {
    /// Figures for metrics; costs a few cheap queries, none of which grows with the backlog.
    fn figures(&self) -> impl Future<Output = Result<StoreFigures, StoreError>> + Send;

    /// Writes and reads back a value: can the store be used now?
    fn probe(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Finishes what is queued and closes the files. Calls after it fail.
    fn close(&self, limit: Duration) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a store tells about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreFigures {
    /// Conversations by state, in the order of [`State::ALL`].
    pub conversations: [u64; State::ALL.len()],
    /// When the user who has waited longest wrote.
    pub oldest_waiting: Option<Millis>,
    /// Dead letters from the inbox.
    pub dead_updates: u64,
    /// Dead letters from the outbox.
    pub dead_sends: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

/// Why the store did not do something. Nothing of it was done; or, if the store is far away, nobody can know.
///
/// Callers repeat what they asked for until it works: everything the store is asked for may be
/// asked again, and is done once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("no space left for the store: {0}")]
    Full(String),
    /// Another process holds the store.
    #[error("the store is locked by another process: {0}")]
    Busy(String),
    /// Reading or writing failed, or is not permitted.
    #[error("the store cannot be read or written: {0}")]
    Io(String),
    /// What is stored cannot be understood.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}
