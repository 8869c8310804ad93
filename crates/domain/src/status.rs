//! How the desk is at a moment, as its owner and administrators ask for it. Numbers and closed words: nothing of users.

use std::time::Duration;

use super::{Class, Millis, Shards};

/// What the owner or an administrator may be told of the desk when they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// How the desk is.
    Status,
    /// What `support-bot doctor` finds.
    Doctor,
}

/// How bad something is; what comes later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// As it should be.
    Ok,
    /// The desk works, but not as well as it could.
    Warn,
    /// The desk cannot work.
    Fail,
}

/// Sends or updates that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// When the oldest was received.
    pub oldest: Option<Millis>,
}

impl Waiting {
    /// Some more of them.
    pub fn add(&mut self, count: u64, oldest: Option<Millis>) {
        self.count += count;
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
    }
}

/// What a limit of Telegram's leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Calls that may be made at once.
    Left {
        /// So many.
        left: u64,
        /// Of so many.
        of: u64,
    },
    /// None: Telegram has asked to wait for so long.
    Frozen(Duration),
}

/// What Telegram's limits leave; `None` where there is no such limit, or it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Within the second, over all chats.
    pub overall: Option<Room>,
    /// Within the minute, to the operators' group.
    pub group: Option<Room>,
}

/// What became of the backups of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backups {
    /// When the last that was made was begun; `None` if none was made that the desk knows of.
    pub last: Option<Millis>,
    /// Whether one has failed since.
    pub failing: bool,
}

/// An alert that fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// Its name.
    pub name: String,
    /// Whether users feel it, or nobody can see any more.
    pub critical: bool,
}

/// What those who watch the desk say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alerts {
    /// There is nobody to ask.
    Unasked,
    /// They did not answer.
    Unknown,
    /// These alerts fire, the critical ones first.
    Firing(Vec<Firing>),
}

/// What the engine has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Updates that are not decided.
    pub inbox: Waiting,
    /// Sends that are not done, in the order of [`Class::ALL`].
    pub outbox: [Waiting; Class::ALL.len()],
    /// What Telegram's limits leave, where this process alone sends.
    pub limits: Limits,
}

/// How the desk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When this was so.
    pub at: Millis,
    /// The release.
    pub version: &'static str,
    /// How long the process has been running.
    pub uptime: Duration,
    /// Whether the store is in Redis.
    pub in_redis: bool,
    /// Since when the store, Telegram and the operators' group have not worked, if they do not.
    pub troubles: Vec<(Part, Duration)>,
    /// What the engine has to do.
    pub work: Work,
    /// What Telegram's limits leave, over all processes.
    pub limits: Limits,
    /// What became of the backups.
    pub backups: Backups,
    /// What fires.
    pub alerts: Alerts,
    /// What the store holds; `None` if it does not answer.
    pub stored: Option<Stored>,
    /// The parts that this process takes care of.
    pub parts: Shards,
    /// Whether there is a tracker to report to.
    pub tracking: bool,
}

/// What the desk depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Where everything is kept.
    Store,
    /// The Bot API server.
    Telegram,
    /// The operators' group, and the bot's rights in it.
    Group,
}

/// What the store holds, over all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Conversations in which the user waits for an answer, and since when the first does.
    pub conversations: Waiting,
    /// Updates and sends that were given up.
    pub dead: u64,
}
