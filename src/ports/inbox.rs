//! Updates that Telegram handed over and that are not decided yet.

use std::future::Future;

use crate::domain::{InboxLane, Millis, Seq, UpdateId};

use super::StoreError;

/// An update as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// Telegram's number of it; of what has none, a negative hash of the text.
    pub update: UpdateId,
    /// Where it waits.
    pub lane: InboxLane,
    /// The JSON text, untouched.
    pub raw: String,
}

/// An update waiting to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// Its place in its lane.
    pub seq: Seq,
    /// The update.
    pub update: RawUpdate,
    /// When it was received.
    pub received: Millis,
    /// How often deciding it has failed.
    pub attempts: u32,
}

/// The outcome of receiving a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// What was new, in the order of the batch.
    pub items: Vec<InboxItem>,
    /// How many were known already.
    pub duplicates: usize,
}

/// Keeps updates from the moment they are received until they are decided.
pub trait Inbox: Send + Sync + 'static {
    /// Adds the batch, in its order, and remembers `offset` as the next to ask Telegram for, in one
    /// durable step. Updates already known, decided or not, are left out, for at least 48 hours.
    fn receive(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
    ) -> impl Future<Output = Result<Received, StoreError>> + Send;

    /// The undecided updates after `after`, oldest first, at most `limit`.
    fn undecided(
        &self,
        after: Option<Seq>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<InboxItem>, StoreError>> + Send;

    /// Remembers that deciding an update has failed once more.
    fn failed(
        &self,
        seq: Seq,
        attempts: u32,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
