//! The outbox: sends that are decided and not done yet.

use async_trait::async_trait;
use domain::{Channel, Millis, OutboxLane, Partition, PartitionSet, Seq};

use super::{OutboxItem, StoreError};

/// Number of sends that wait in the lanes of one channel, in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The partition.
    pub partition: Partition,
    /// The channel.
    pub channel: Channel,
    /// Number of sends, at least 1.
    pub waiting: u64,
    /// When the cause of the oldest send was received.
    pub oldest: Millis,
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
    /// Sequence number of the lane's last send.
    pub last: Seq,
}

/// A position in the outbox: for each partition, the sequence number up to which sends were scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached([Seq; Partition::COUNT]);

/// One page of lanes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanePage {
    /// The lanes, ordered by the send by which each was found.
    pub heads: Vec<LaneHead>,
    /// Where the next page begins.
    pub reached: Reached,
    /// Whether there are sends behind this page.
    pub more: bool,
}

impl Default for Reached {
    fn default() -> Self {
        Self([Seq(i64::MIN); Partition::COUNT])
    }
}

impl Reached {
    /// The same position in every partition.
    pub fn everywhere(seq: Seq) -> Self {
        Self([seq; Partition::COUNT])
    }

    /// The position in one partition.
    pub fn of(&self, partition: Partition) -> Seq {
        self.0.get(usize::from(partition.number())).copied().unwrap_or(Seq(i64::MIN))
    }

    /// Sets the position in one partition.
    pub fn set(&mut self, partition: Partition, seq: Seq) {
        if let Some(place) = self.0.get_mut(usize::from(partition.number())) {
            *place = seq;
        }
    }

    /// The smallest position of all partitions.
    pub fn least(&self) -> Seq {
        self.0.iter().copied().min().unwrap_or(Seq(i64::MIN))
    }

    /// Scans these partitions from their beginning again.
    pub fn begin_anew(&mut self, partitions: PartitionSet) {
        for partition in partitions.iter() {
            self.set(partition, Seq(i64::MIN));
        }
    }
}

/// Keeps sends until they are done. Only [`super::Ledger::commit`] adds and removes them.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Counts what waits in these partitions, in no particular order; empty channels are left out. Called once for each
    /// assigned partition.
    async fn backlog(&self, of: PartitionSet) -> Result<Vec<Backlog>, StoreError>;

    /// Lists lanes of a channel in these partitions that have a send behind `from`: those with the oldest such sends, each
    /// once, about `limit` at most. It scans a bounded number of sends, so a page may be empty although there are more.
    async fn lanes(
        &self,
        of: PartitionSet,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> Result<LanePage, StoreError>;

    /// Lists the sends of a lane after `after`, in order, at most `limit`.
    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError>;
}
