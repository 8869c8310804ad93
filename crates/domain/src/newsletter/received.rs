//! What a user has received of newsletters.

use std::time::Duration;

use crate::{MessageId, Millis, NewsletterId};

/// What became of one newsletter for one user. Kept with the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which.
    pub newsletter: NewsletterId,
    /// What became of it.
    pub outcome: Outcome,
    /// The messages in the user's chat, as long as they are there.
    pub copies: Vec<MessageId>,
    /// When it was queued.
    pub at: Millis,
}

/// What became of a newsletter for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It waits in the outbox.
    Queued,
    /// It arrived.
    Sent,
    /// The user has blocked the bot, or is gone.
    Blocked,
    /// Telegram refused it, or the user was banned meanwhile.
    Failed,
    /// The author's message is not there any more.
    Vanished,
    /// That it is taken back waits in the outbox.
    Recalling,
    /// It was taken back.
    Recalled,
    /// Telegram did not let it be taken back.
    Kept,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Sent,
        Self::Blocked,
        Self::Failed,
        Self::Vanished,
        Self::Recalling,
        Self::Recalled,
        Self::Kept,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
            Self::Vanished => "vanished",
            Self::Recalling => "recalling",
            Self::Recalled => "recalled",
            Self::Kept => "kept",
        }
    }
}

impl Received {
    /// So long it is remembered: no newsletter goes on for longer.
    pub const LASTS: Duration = Duration::from_hours(30 * 24);
    /// So many are remembered of a user.
    const MOST: usize = 50;

    /// Puts one in the place of what was known of the same newsletter, and forgets what is too old.
    pub(crate) fn remember(all: &mut Vec<Self>, one: Self) {
        let now = one.at;
        all.retain(|other| other.newsletter != one.newsletter && now.since(other.at) < Self::LASTS);
        let surplus = (all.len() + 1).saturating_sub(Self::MOST);
        all.drain(..surplus);
        all.push(one);
    }
}
