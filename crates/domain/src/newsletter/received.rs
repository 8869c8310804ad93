//! The newsletters that a user has received.

use std::time::Duration;

use crate::{MessageId, Millis, NewsletterId};

/// One newsletter's outcome for one user. Stored with the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The newsletter.
    pub newsletter: NewsletterId,
    /// The outcome.
    pub outcome: RecipientOutcome,
    /// The messages in the user's chat, as long as they exist.
    pub copies: Vec<MessageId>,
    /// When the newsletter was queued for the user.
    pub at: Millis,
}

/// The outcome of a newsletter for one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecipientOutcome {
    /// The send waits in the outbox.
    Queued,
    /// The newsletter was delivered.
    Sent,
    /// The user blocked the bot, or deleted the account.
    Blocked,
    /// Telegram refused the send, or the user was banned in the meantime.
    Failed,
    /// The author's message was deleted.
    Vanished,
    /// The recall waits in the outbox.
    Recalling,
    /// The newsletter was recalled.
    Recalled,
    /// Telegram did not allow the recall.
    Kept,
}

impl RecipientOutcome {
    /// All outcomes.
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

    /// Returns the name of the outcome in reports.
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
    /// How long an outcome is remembered. No newsletter takes longer.
    pub const RETENTION: Duration = Duration::from_hours(30 * 24);
    /// Maximum number of newsletters remembered per user.
    const MAX_REMEMBERED: usize = 50;

    /// Returns the entry of a newsletter.
    pub(crate) fn of(all: &[Self], newsletter: NewsletterId) -> Option<&Self> {
        all.iter().find(|one| one.newsletter == newsletter)
    }

    /// Replaces the entry of the same newsletter, and drops outdated entries.
    pub(crate) fn remember(all: &mut Vec<Self>, one: Self) {
        let now = one.at;
        all.retain(|other| {
            other.newsletter != one.newsletter && now.since(other.at) < Self::RETENTION
        });
        let surplus = (all.len() + 1).saturating_sub(Self::MAX_REMEMBERED);
        all.drain(..surplus);
        all.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    fn received(newsletter: i64, outcome: RecipientOutcome, at: Millis) -> Received {
        let (newsletter, copies) = (NewsletterId(newsletter), Vec::new());
        Received { newsletter, outcome, copies, at }
    }

    #[test]
    fn the_latest_outcome_of_a_newsletter_counts() {
        let mut all = vec![
            received(1, RecipientOutcome::Queued, NOW),
            received(2, RecipientOutcome::Sent, NOW),
        ];
        Received::remember(&mut all, received(1, RecipientOutcome::Sent, NOW));
        assert_eq!(
            all,
            [received(2, RecipientOutcome::Sent, NOW), received(1, RecipientOutcome::Sent, NOW)]
        );
    }

    #[test]
    fn outdated_outcomes_are_forgotten() {
        let edge = NOW.before(Received::RETENTION);
        let young = received(2, RecipientOutcome::Sent, Millis(edge.0 + 1));
        let mut all = vec![received(1, RecipientOutcome::Sent, edge), young.clone()];
        let new = received(3, RecipientOutcome::Queued, NOW);
        Received::remember(&mut all, new.clone());
        assert_eq!(all, [young, new]);
    }

    #[test]
    fn the_oldest_outcome_is_forgotten() {
        let mut all = Vec::new();
        for id in 0..51 {
            Received::remember(&mut all, received(id, RecipientOutcome::Sent, NOW));
        }
        assert_eq!(all.len(), Received::MAX_REMEMBERED);
        assert_eq!(all[0], received(1, RecipientOutcome::Sent, NOW));
    }

    #[test]
    fn each_outcome_has_a_name_of_its_own() {
        let mut names = RecipientOutcome::ALL.map(RecipientOutcome::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RecipientOutcome::ALL.len());
    }
}
