//! The condition of the desk at one moment, as the owner and administrators request it. Numbers and fixed words, but
//! nothing about users.

use std::time::Duration;

use crate::{Class, Millis, PartitionSet};

/// The reports that the owner or an administrator can request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// The condition of the desk.
    Status,
    /// The findings of `support-bot doctor`.
    Doctor,
}

/// Severity, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// As it should be.
    Ok,
    /// The desk works, but not as well as it could.
    Warn,
    /// The desk cannot work.
    Fail,
}

/// Waiting sends or updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Number of waiting items.
    pub count: u64,
    /// When the oldest was received.
    pub oldest: Option<Millis>,
}

impl Waiting {
    /// Adds more waiting items.
    pub fn add(&mut self, count: u64, oldest: Option<Millis>) {
        self.count += count;
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
    }
}

/// The remaining capacity of a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Calls that may be made at once.
    Left {
        /// Number of free slots.
        left: u64,
        /// Number of all slots.
        of: u64,
    },
    /// None: Telegram has asked to wait for this long.
    Frozen(Duration),
}

/// The remaining capacity of the rate limits; `None` if there is no limit, or its state is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// The limit per second, over all chats.
    pub overall: Option<Room>,
    /// The limit per minute, to the operators' group.
    pub group: Option<Room>,
}

/// How much of the group's limit was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitUse {
    /// The share, from 0 to 100.
    pub percent: u32,
    /// The time that the share is of: [`LimitUse::HOUR`], or less if the process runs for less.
    pub over: Duration,
}

impl LimitUse {
    /// The time over which the use is measured.
    pub const HOUR: Duration = Duration::from_hours(1);

    /// Whether nearly all of the limit was used for an hour: who writes then waits.
    pub fn is_full(self) -> bool {
        self.over >= Self::HOUR && self.percent >= 95
    }

    /// Whether so much was free that a full limit is full no more.
    pub fn is_roomy(self) -> bool {
        self.percent < 80
    }
}

/// State of the desk's backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backups {
    /// When the last successful backup began; `None` if the desk knows of none.
    pub last: Option<Millis>,
    /// Whether a backup has failed since then.
    pub failing: bool,
}

/// A firing alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// The name of the alert.
    pub name: String,
    /// Whether users are affected, or monitoring is broken.
    pub critical: bool,
}

/// The answer of the alerting system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alerts {
    /// No alerting system is configured.
    Unasked,
    /// The alerting system did not answer.
    Unknown,
    /// These alerts fire, critical ones first.
    Firing(Vec<Firing>),
}

/// Work that waits in the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Undecided updates.
    pub inbox: Waiting,
    /// Waiting sends by class, in the order of [`Class::ALL`].
    pub outbox: [Waiting; Class::ALL.len()],
    /// The remaining capacity of the rate limits, if only this process sends.
    pub limits: Limits,
    /// How much of the group's limit was used lately, by all processes; `None` if there is no limit, or in the first
    /// minute.
    pub limit_used: Option<LimitUse>,
}

/// The condition of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The moment of the report.
    pub at: Millis,
    /// The release.
    pub version: &'static str,
    /// How long the process has been running.
    pub uptime: Duration,
    /// Whether the store is in Redis.
    pub in_redis: bool,
    /// Dependencies that are failing, and for how long.
    pub troubles: Vec<(Part, Duration)>,
    /// Work that waits in the engine.
    pub work: Work,
    /// The remaining capacity of the rate limits, over all processes.
    pub limits: Limits,
    /// State of the backups.
    pub backups: Backups,
    /// Firing alerts.
    pub alerts: Alerts,
    /// Content of the store; `None` if it does not answer.
    pub stored: Option<Stored>,
    /// The partitions assigned to this process.
    pub parts: PartitionSet,
    /// Whether a tracker is configured.
    pub tracking: bool,
}

/// The dependencies of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The storage of all data.
    Store,
    /// The Bot API server.
    Telegram,
    /// The operators' group, and the bot's rights in it.
    Group,
}

/// Content of the store, over all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Conversations in which the user waits for an answer, and since when the first one waits.
    pub conversations: Waiting,
    /// Number of updates and sends that were given up.
    pub dead: u64,
}
