//! Several processes on one store: assignment of partitions, and shared rate limits.
//!
//! A store that belongs to one process needs none of this: the default methods describe it.

use std::{future::pending, time::Duration};

use async_trait::async_trait;
use domain::{InboxLane, Limits, Millis, OutboxLane, Partition, PartitionSet};

use super::{GroupMove, StoreError};

/// A change of this process's assignment, or of the work in its partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionEvent {
    /// These partitions are now assigned to this process. Start work on the items that wait in them.
    Assigned {
        /// The assigned partitions.
        partitions: PartitionSet,
        /// Whether the previous holder did not release them: it was killed, or cut off from the store.
        unclean: bool,
        /// Assigned partitions that this process held before and that are empty in the store now: data confirmed earlier
        /// is lost.
        emptied: PartitionSet,
    },
    /// New updates wait in these partitions: [`super::Inbox::take_in`] of another process stored them, or this process
    /// stored them behind those.
    InboxUpdated(PartitionSet),
    /// These partitions are to be revoked: another process waits for them. Finish the work in progress, then call
    /// [`Partitions::release`].
    RevokeRequested(PartitionSet),
    /// Another process has learnt that the operators' group has migrated.
    GroupMigrated(GroupMove),
    /// The leases of these partitions were lost to other processes. Stop the work in progress, then call
    /// [`Partitions::release`].
    Lost(PartitionSet),
}

/// Slots of the shared rate limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slots {
    /// Slots of the limit over all chats.
    pub overall: usize,
    /// Slots of the limit of the group.
    pub group: usize,
}

/// The rate limits that all processes share; zero switches a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SharedLimits {
    /// Calls per second, over all chats.
    pub overall: usize,
    /// Calls to the group per `group_period`.
    pub group: usize,
    /// The period of the group's limit. Telegram's is a minute; tests use a shorter one.
    pub group_period: Duration,
}

/// A request for slots of the shared limits, together with a report of used slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SlotsAsked {
    /// The limits in this process's settings.
    pub limits: SharedLimits,
    /// Slots that are needed: taken together, or not at all.
    pub want: Slots,
    /// Slots to take in total, `want` included, as far as they are free.
    pub up_to: Slots,
    /// Slots whose calls have ended: they age from now on.
    pub used: Slots,
    /// Slots that were not used: they are free again at once.
    pub unused: Slots,
    /// Telegram asked for no calls to any chat for this long.
    pub freeze_all: Option<Duration>,
    /// Telegram asked for no calls to the group for this long.
    pub freeze_group: Option<Duration>,
}

/// The answer to [`SlotsAsked`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotsGiven {
    /// The needed slots are taken, and perhaps more.
    Taken(Slots),
    /// Too few slots are free; ask again after this time.
    Wait(Duration),
}

/// The partitions of the conversations that this process works on.
#[async_trait]
pub trait Partitions: Send + Sync + 'static {
    /// Waits for the next change. Cancel-safe: no change is lost. Never returns if the store belongs to one process.
    async fn next_event(&self) -> PartitionEvent {
        pending().await
    }

    /// Declares that this process now decides the updates of these partitions.
    fn serve(&self, _partitions: PartitionSet) {}

    /// Declares that this process has no work in progress in these partitions any more.
    async fn release(&self, _partitions: PartitionSet) {}

    /// Returns the partitions assigned at the start: all, unless several processes share the store.
    fn held_at_start(&self) -> PartitionSet {
        PartitionSet::ALL
    }

    /// Whether a send of this lane may start now, because no other process can start it.
    fn holds(&self, _lane: OutboxLane) -> bool {
        true
    }

    /// Whether this process decides the updates of this lane, as far as it knows without asking the store.
    fn decides(&self, _lane: InboxLane) -> bool {
        true
    }
}

/// The election of the leader, which does what only one process may do, for example polling.
#[async_trait]
pub trait Leadership: Send + Sync + 'static {
    /// Waits until this process is the leader.
    async fn leading(&self) {}

    /// Waits until this process is no longer the leader.
    async fn leadership_lost(&self) {
        pending::<()>().await;
    }
}

/// Slots of the rate limits that all processes share.
#[async_trait]
pub trait SharedSlots: Send + Sync + 'static {
    /// Asks for slots of the shared limits; `None` if no other process shares them.
    async fn slots(&self, _asked: SlotsAsked) -> Result<Option<SlotsGiven>, StoreError> {
        Ok(None)
    }

    /// Returns the remaining slots of the shared limits.
    async fn remaining(&self, _limits: SharedLimits) -> Result<Limits, StoreError> {
        Ok(Limits::default())
    }

    /// Whether other processes share the limits: then every slot must be requested.
    fn shares_limits(&self) -> bool {
        false
    }
}

/// What the processes let each other know.
#[async_trait]
pub trait Board: Send + Sync + 'static {
    /// Publishes a text for each of these partitions under a name, in place of the previous text. Texts are lost with
    /// the store, and some weeks after they were last published.
    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError>;

    /// Returns the texts published under a name.
    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError>;

    /// Records, for all processes, that this process received the watchdog at `now`, if it did. Returns when any of
    /// them last received it, each by its own clock; `None` if unknown.
    async fn record_watchdog(&self, now: Option<Millis>) -> Result<Option<Millis>, StoreError> {
        Ok(now)
    }

    /// Whether the unclean end of the process with this id has not been reported yet. `true` once, for one of the
    /// processes that ask.
    async fn is_first_report(&self, _run: &str) -> bool {
        true
    }
}
