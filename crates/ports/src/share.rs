//! What several processes on one store share: the conversations, in parts, and Telegram's limits.
//!
//! A store that belongs to one process needs none of this: what is said here of it holds by default.

use std::{
    future::{Future, pending, ready},
    time::Duration,
};

use domain::{InboxLane, Limits, Millis, OutboxLane, Shard, Shards};

use super::{GroupMove, StoreError};

/// A change of what this process takes care of, or has to do for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// These parts are this process's from now on. Take up what waits in them.
    Taken {
        /// Which.
        shards: Shards,
        /// Whoever held them before did not give them back: it was killed, or cut off.
        unclean: bool,
        /// Those of them that this process held before, and of which the store has nothing any more: what it had
        /// confirmed of them is lost.
        emptied: Shards,
    },
    /// Updates of these parts were stored by [`super::Inbox::take_in`] elsewhere, or behind such.
    Arrived(Shards),
    /// Others wait for these parts: end what is under way in them, and [`Share::release`] them.
    Leave(Shards),
    /// The operators' group is another now, as another process has learnt.
    Group(GroupMove),
    /// These parts were lost to others. End what is under way in them, and say so by [`Share::release`].
    Lost(Shards),
}

/// Slots of the limits that all processes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slots {
    /// Of the limit over all chats.
    pub overall: usize,
    /// Of the group's.
    pub group: usize,
}

/// The limits that all processes share; zero switches one off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SharedLimits {
    /// In a second, over all chats.
    pub overall: usize,
    /// In a `group_period`, to the group.
    pub group: usize,
    /// Telegram's is a minute; tests have less time.
    pub group_period: Duration,
}

/// What is asked of the shared limits, and reported to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SlotsAsked {
    /// As the settings of this process say.
    pub limits: SharedLimits,
    /// Taken together, or not at all.
    pub want: Slots,
    /// As many are taken of those that are free.
    pub up_to: Slots,
    /// Slots whose calls have ended: they age from now on.
    pub used: Slots,
    /// Slots that were not used: free again at once.
    pub unused: Slots,
    /// Telegram asked to leave all chats alone for so long.
    pub freeze_all: Option<Duration>,
    /// Telegram asked to leave the group alone for so long.
    pub freeze_group: Option<Duration>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotsGiven {
    /// What was wanted is taken, and perhaps more.
    Taken(Slots),
    /// Too few are free; ask again after so long.
    Wait(Duration),
}

/// How processes share a store.
pub trait Share: Send + Sync + 'static {
    /// The next change. Cancelled, none is lost. Never returns for a store that belongs to one process.
    fn shift(&self) -> impl Future<Output = Shift> + Send {
        pending()
    }

    /// From now on what comes in for these parts is decided here.
    fn serve(&self, _shards: Shards) {}

    /// Nothing is under way in these parts here any more.
    fn release(&self, _shards: Shards) -> impl Future<Output = ()> + Send {
        ready(())
    }

    /// The parts that are this process's when it starts: all, unless others share the store.
    fn held_at_start(&self) -> Shards {
        Shards::ALL
    }

    /// Whether a send of this lane may start now: nobody else does it.
    fn holds(&self, _lane: OutboxLane) -> bool {
        true
    }

    /// Whether what comes in for this lane is decided here, as far as that is known without asking.
    fn decides(&self, _lane: InboxLane) -> bool {
        true
    }

    /// Waits until this process is the one that does what only one may do, such as polling.
    fn leading(&self) -> impl Future<Output = ()> + Send {
        ready(())
    }

    /// Waits until it is not any more.
    fn led_by_another(&self) -> impl Future<Output = ()> + Send {
        pending()
    }

    /// Leaves word for all processes that this one has heard of monitoring, if it has (`now`), and tells when any of them
    /// last did, each by its own clock; `None` if that is not known.
    fn heard(
        &self,
        now: Option<Millis>,
    ) -> impl Future<Output = Result<Option<Millis>, StoreError>> + Send {
        ready(Ok(now))
    }

    /// Shows the other processes a text for each of these parts under a name, in the place of what was shown before. Lost
    /// with the store, and some weeks after it was shown last.
    fn show(
        &self,
        name: &str,
        texts: Vec<(Shard, String)>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is shown under a name.
    fn shown(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Vec<(Shard, String)>, StoreError>> + Send;

    /// Asks for slots of the limits that all processes share; `None` if there are no others.
    fn slots(
        &self,
        _asked: SlotsAsked,
    ) -> impl Future<Output = Result<Option<SlotsGiven>, StoreError>> + Send {
        ready(Ok(None))
    }

    /// What the limits that all processes share leave.
    fn left(
        &self,
        _limits: SharedLimits,
    ) -> impl Future<Output = Result<Limits, StoreError>> + Send {
        ready(Ok(Limits::default()))
    }

    /// Whether limits are shared with other processes: then slots must be asked for.
    fn shares_limits(&self) -> bool {
        false
    }
}
