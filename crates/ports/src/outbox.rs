//! Sends that are decided and not done yet.

use std::future::Future;

use domain::{Effect, Millis, OutboxLane, Seq, Shards, UpdateId};

use super::StoreError;

/// A send to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Where it waits.
    pub lane: OutboxLane,
    /// What to do.
    pub effect: Effect,
    /// The update that caused it: what links the two in the logs.
    pub cause: UpdateId,
    /// When that was received.
    pub received: Millis,
    /// Not to be sent before: the window of an album.
    pub not_before: Option<Millis>,
}

/// A queued send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its place in its lane.
    pub seq: Seq,
    /// What was queued.
    pub queued: Queued,
}

/// A lane with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneHead {
    /// The lane.
    pub lane: OutboxLane,
    /// How many sends wait in it.
    pub waiting: u64,
    /// When the cause of the oldest was received.
    pub oldest: Millis,
}

/// Keeps sends until they are done. They are added and removed by [`super::Ledger::commit`] only.
pub trait Outbox: Send + Sync + 'static {
    /// All lanes of these parts that are not empty, in no order. Asked once for each part that is taken over.
    fn lanes(&self, of: Shards) -> impl Future<Output = Result<Vec<LaneHead>, StoreError>> + Send;

    /// The sends of a lane after `after`, in order, at most `limit`.
    fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxItem>, StoreError>> + Send;
}
