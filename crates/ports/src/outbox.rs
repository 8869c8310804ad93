//! Sends that are decided and not done yet.

use std::future::Future;

use domain::{Channel, Effect, Millis, OutboxLane, Seq, Shard, Shards, UpdateId};

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

/// How many sends wait in the lanes of one channel, in one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The part.
    pub shard: Shard,
    /// The channel.
    pub channel: Channel,
    /// How many.
    pub waiting: u64,
    /// When the cause of the first of them was received.
    pub oldest: Millis,
}

/// A lane with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneHead {
    /// The lane.
    pub lane: OutboxLane,
    /// How many sends wait in it.
    pub waiting: u64,
    /// When the cause of the first was received.
    pub oldest: Millis,
    /// The number of the last of them.
    pub last: Seq,
}

/// Up to which number of each part the sends were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached([Seq; Shard::COUNT]);

/// Some lanes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanePage {
    /// In the order of the sends by which they were found.
    pub heads: Vec<LaneHead>,
    /// Where to go on.
    pub reached: Reached,
    /// Whether there were more sends.
    pub more: bool,
}

impl Default for Reached {
    fn default() -> Self {
        Self([Seq(i64::MIN); Shard::COUNT])
    }
}

impl Reached {
    /// In all parts the same.
    pub fn everywhere(seq: Seq) -> Self {
        Self([seq; Shard::COUNT])
    }

    /// In one part.
    pub fn of(&self, shard: Shard) -> Seq {
        self.0.get(usize::from(shard.number())).copied().unwrap_or(Seq(i64::MIN))
    }

    /// In one part, from now on.
    pub fn set(&mut self, shard: Shard, seq: Seq) {
        if let Some(place) = self.0.get_mut(usize::from(shard.number())) {
            *place = seq;
        }
    }

    /// In the part where it is least.
    pub fn least(&self) -> Seq {
        self.0.iter().copied().min().unwrap_or(Seq(i64::MIN))
    }

    /// These parts are looked at from their beginning.
    pub fn begin_anew(&mut self, shards: Shards) {
        for shard in shards.iter() {
            self.set(shard, Seq(i64::MIN));
        }
    }
}

/// Keeps sends until they are done. They are added and removed by [`super::Ledger::commit`] only.
pub trait Outbox: Send + Sync + 'static {
    /// How much waits in these parts, in no order; what is empty is left out. Asked once for each part that is taken over.
    fn backlog(&self, of: Shards) -> impl Future<Output = Result<Vec<Backlog>, StoreError>> + Send;

    /// The lanes of a channel in these parts that have a send behind `from`: those with the oldest such sends, each once, at
    /// most about `limit`. It looks at a bounded number of sends, so it may find none though there are more.
    fn lanes(
        &self,
        of: Shards,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> impl Future<Output = Result<LanePage, StoreError>> + Send;

    /// The sends of a lane after `after`, in order, at most `limit`.
    fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<OutboxItem>, StoreError>> + Send;
}
