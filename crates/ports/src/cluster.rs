//! Several processes on one store: assignment of partitions, and shared rate limits.
//!
//! A store that belongs to one process needs none of this: the default methods describe it.

use std::{future::pending, time::Duration};

use async_trait::async_trait;
use domain::{Class, InboxLane, Limits, Millis, OutboxLane, Partition, PartitionSet, Span};

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
    /// Slots for calls to other chats than the group, which only the limit over all chats counts.
    pub elsewhere: usize,
    /// Slots for calls to the group, which both limits count, by class.
    pub group: [usize; Class::ALL.len()],
}

impl Slots {
    /// Slots of the limit over all chats.
    pub fn overall(&self) -> usize {
        self.elsewhere + self.in_group()
    }

    /// Slots of the group's limit.
    pub fn in_group(&self) -> usize {
        self.group.iter().sum()
    }

    /// Adds slots.
    pub fn add(&mut self, more: Self) {
        self.elsewhere += more.elsewhere;
        for (sum, more) in self.group.iter_mut().zip(more.group) {
            *sum += more;
        }
    }
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClassSet(u16);

impl ClassSet {
    /// The set of these classes.
    pub fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |set, class| set | 1 << *class as u16))
    }

    /// Whether the set contains a class.
    pub fn contains(self, class: Class) -> bool {
        self.0 & (1 << class as u16) != 0
    }

    /// Iterates over the classes, most urgent first.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.contains(*class))
    }
}

/// The terms on which a call may take slots of the group's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupTerms {
    /// The class that the slots are counted for.
    pub class: Class,
    /// Slots that must stay free.
    pub leave: usize,
    /// When no more slots than this are free, those that are free are spread over the time until others become free.
    pub paced_below: usize,
    /// Whether an aged slot is free for this call a moment later than for others, which therefore come first.
    pub yields: bool,
    /// Classes that together may have this many slots in a period.
    pub caps: [Option<(ClassSet, usize)>; 2],
}

/// One request for slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRequest {
    /// Slots that are needed: taken together, or not at all.
    pub want: usize,
    /// Slots to take in total, `want` included, as far as they are free.
    pub up_to: usize,
    /// Slots of the limit over all chats that must stay free.
    pub reserved: usize,
    /// The terms if the call goes to the group.
    pub group: Option<GroupTerms>,
}

/// The answer to a [`SlotRequest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotGrant {
    /// This many slots are taken.
    Taken(usize),
    /// Too few slots are free; ask again after this time.
    Wait(Duration),
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

/// Requests for slots of the shared limits, together with a report of used slots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SlotsAsked {
    /// The limits in this process's settings.
    pub limits: SharedLimits,
    /// The requests, most urgent first. Each is granted or not regardless of the others.
    pub requests: Vec<SlotRequest>,
    /// Slots whose calls have ended: they age from now on.
    pub used: Slots,
    /// Slots that were not used: they are free again at once.
    pub unused: Slots,
    /// Telegram asked for no calls to any chat for this long.
    pub freeze_all: Option<Duration>,
    /// Telegram asked for no calls to the group for this long.
    pub freeze_group: Option<Duration>,
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
    /// Asks for slots of the shared limits. Returns a grant for each request; `None` if no other process shares them.
    async fn slots(&self, _asked: SlotsAsked) -> Result<Option<Vec<SlotGrant>>, StoreError> {
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

/// When the group's limit made sends wait. A process that continues the work of another, or of an earlier run, learns
/// from it what part of their wait was not the desk's.
#[async_trait]
pub trait LimitHistory: Send + Sync + 'static {
    /// Records spans. One with a known beginning replaces that span, so a span can grow. Spans that ended before
    /// `forget` are deleted.
    async fn record_limited(&self, spans: Vec<Span>, forget: Millis) -> Result<(), StoreError>;

    /// Returns the recorded spans of all processes, in no particular order; those of two processes may overlap.
    async fn limited(&self) -> Result<Vec<Span>, StoreError>;
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
