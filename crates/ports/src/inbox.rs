//! The inbox: updates received from Telegram and not decided yet.

use async_trait::async_trait;
use domain::{Millis, PartitionSet, Seq, UpdateId};

use super::{Commit, InboxItem, RawUpdate, StoreError, Written};

/// An update that has just been received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The update as Telegram sent it.
    pub update: RawUpdate,
    /// When the update was received.
    pub received: Millis,
    /// The commit of the update, if it is decided already. Its `decided` is `None`, because the update has no number
    /// yet.
    pub commit: Option<Commit>,
}

/// The outcome of receiving one update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The update was known already, decided or not: nothing was written.
    Known,
    /// The update waits to be decided: it arrived without a commit, or its commit is stale.
    Waits(InboxItem),
    /// The update is decided, and its commit is written.
    Decided(Written),
    /// The update is stored for the process that holds its partition, which may be this one. That process receives
    /// [`super::PartitionEvent::InboxUpdated`].
    Elsewhere,
}

/// The outcome of receiving a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// The new updates, in the order of the batch.
    pub items: Vec<InboxItem>,
    /// Number of updates that were known already.
    pub duplicates: usize,
}

/// Keeps updates from the moment they are received until they are decided.
#[async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// Stores a batch in order, together with the `offset` to request next, in one durable step. An `offset` below the
    /// stored one is accepted, too: 0 requests all pending updates.
    ///
    /// An update that is known already, decided or not, is skipped; numbers stay known for at least 48 hours. An update
    /// that brings its commit is decided by this very step and never waits. After an update that waits, all later
    /// updates of the batch in the same lane or conversation wait as well, so that none overtakes it. An update of a
    /// partition that another process holds is stored there, undecided.
    ///
    /// On an error, either nothing was written, or the store cannot know. An update received again afterwards gets the
    /// outcome of its first write, so that the caller learns of the sends that it queued.
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError>;

    /// Does the same as [`Inbox::take_in`] for updates without commits.
    async fn receive(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
    ) -> Result<Received, StoreError> {
        let arrival = |update| Arrival { update, received: now, commit: None };
        let batch = batch.into_iter().map(arrival).collect();
        let mut received = Received::default();
        for taken in self.take_in(batch, offset).await? {
            match taken {
                Taken::Waits(item) => received.items.push(item),
                Taken::Known | Taken::Decided(_) | Taken::Elsewhere => {
                    received.duplicates += 1;
                }
            }
        }
        Ok(received)
    }

    /// Lists the undecided updates of these partitions after `after`, oldest first, at most `limit`. Numbers rise
    /// within a partition; numbers of different partitions are not comparable. While new updates arrive, a caller can
    /// therefore continue from the last number in one partition only.
    async fn undecided(
        &self,
        of: PartitionSet,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError>;

    /// Records the number of failed attempts to decide an update.
    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError>;
}
