//! The outbox: sends that are decided and not done yet.

use std::future::Future;

use domain::{Effect, Millis, OutboxLane, Seq, Shards, UpdateId};

use super::StoreError;

/// A send to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The lane in which the send waits.
    pub lane: OutboxLane,
    /// The effect to perform.
    pub effect: Effect,
    /// The update that caused the send; correlates the two in the logs.
    pub cause: UpdateId,
    /// When that update was received.
    pub received: Millis,
    /// The earliest time of the call: pieces of one album are collected until then.
    pub not_before: Option<Millis>,
}

/// A queued send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// The number of the item: its position in its lane.
    pub seq: Seq,
    /// The send itself.
    pub queued: Queued,
}

/// Summary of a lane that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneHead {
    /// The lane.
    pub lane: OutboxLane,
    /// Number of sends waiting in the lane.
    pub waiting: u64,
    /// When the cause of the oldest send was received.
    pub oldest: Millis,
}

/// Keeps sends until they are done. Only [`super::Ledger::commit`] adds and removes them.
pub trait Outbox: Send + Sync + 'static {
    /// Lists all lanes of these partitions that are not empty, in no particular order. Called once for each assigned
    /// partition.
    fn lanes(&self, of: Shards) -> impl Future<Output = Result<Vec<LaneHead>, StoreError>> + Send;

    /// Lists the sends of a lane after `after`, in order, at most `limit`.
    fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxItem>, StoreError>> + Send;
}
