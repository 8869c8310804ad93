//! A newsletter on its way.

use std::time::Duration;

use crate::{Conversation, Draft, Language, MessageId, Millis, NewsletterId, UserId};

use super::{Letter, Outcome, Segment, Tally};

/// A newsletter that was started. Kept with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// Which.
    pub id: NewsletterId,
    /// In whose chat with the bot its messages are.
    pub author: UserId,
    /// What it says.
    pub letter: Letter,
    /// Whom it is for.
    pub segment: Segment,
    /// When it starts, or has started.
    pub at: Millis,
    /// For how many it was when it was started.
    pub recipients: u64,
    /// Where it is.
    pub state: MailingState,
    /// It was ended before everybody had it.
    pub cancelled: bool,
    /// Whether its author is asked if it is really to be taken back.
    pub asks: bool,
    /// When it was over.
    pub ended: Option<Millis>,
    /// How far it was when it was over.
    pub last: Tally,
    /// The message that shows it.
    pub panel: Option<MessageId>,
}

/// Where a newsletter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailingState {
    /// Its time has not come.
    Planned,
    /// It goes on.
    Running,
    /// Its author has paused it.
    Paused,
    /// Its author's message is gone, so that there is nothing to send any more.
    Vanished,
    /// It was cancelled, and what is in the outbox still goes.
    Stopping,
    /// It is over.
    Over,
    /// It is being taken back.
    Undoing,
    /// It was taken back.
    Undone,
}

/// One of the two times that a newsletter may go through all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Round {
    /// To be sent.
    Out,
    /// To be taken back.
    Back,
}

/// Where a user is in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is not for this user.
    Outside,
    /// It is, but the user is banned or cannot be reached.
    Skipped,
    /// Nothing was done yet.
    Pending,
    /// It is in the outbox.
    UnderWay,
    /// It is known what became of it.
    Settled(Outcome),
}

impl Mailing {
    /// So many of an author's may be under way or planned.
    pub const AT_ONCE: usize = 5;
    /// So many are remembered of an author.
    const MOST: usize = 20;
    /// So long bots may delete what they have sent (Bot API, `deleteMessage`).
    const UNDOABLE: Duration = Duration::from_hours(48);
    /// So long a newsletter may take, pauses and all: what users have received is not remembered for longer.
    const LASTS: Duration = Duration::from_hours(25 * 24);

    /// A draft, started at this moment.
    pub fn start(draft: Draft, author: UserId, now: Millis) -> Self {
        let Draft { letter, segment, at, recipients, panel, .. } = draft;
        let at = at.map_or(now, |at| at.max(now));
        Self {
            id: NewsletterId(now.0.saturating_mul(1024).saturating_add(author.0.rem_euclid(1024))),
            author,
            letter,
            segment,
            at,
            recipients: recipients.unwrap_or(0),
            state: if at > now { MailingState::Planned } else { MailingState::Running },
            cancelled: false,
            asks: false,
            ended: None,
            last: Tally::default(),
            panel,
        }
    }

    /// Whether something is still to be done for it.
    pub fn is_under_way(&self) -> bool {
        match self.state {
            MailingState::Planned
            | MailingState::Running
            | MailingState::Paused
            | MailingState::Vanished
            | MailingState::Stopping
            | MailingState::Undoing => true,
            MailingState::Over | MailingState::Undone => false,
        }
    }

    /// The round that it goes through now; `None` if it rests.
    pub fn round(&self) -> Option<Round> {
        match self.state {
            MailingState::Running
            | MailingState::Paused
            | MailingState::Vanished
            | MailingState::Stopping => Some(Round::Out),
            MailingState::Undoing => Some(Round::Back),
            MailingState::Planned | MailingState::Over | MailingState::Undone => None,
        }
    }

    /// Whether more may be queued.
    pub fn goes_on(&self) -> bool {
        matches!(self.state, MailingState::Running | MailingState::Undoing)
    }

    /// Whether it can be taken back.
    pub fn is_undoable(&self, now: Millis) -> bool {
        self.state == MailingState::Over && now.since(self.at) < Self::UNDOABLE
    }

    /// Whether it can go on where it was ended.
    pub fn is_resumable(&self, now: Millis) -> bool {
        let paused = self.state == MailingState::Paused;
        paused || (self.state == MailingState::Over && self.cancelled && !self.is_late(now))
    }

    /// Whether it has taken so long that it must be ended.
    pub fn is_late(&self, now: Millis) -> bool {
        now.since(self.at) >= Self::LASTS
    }

    /// Where a user is in a round.
    pub fn stage(&self, round: Round, user: &Conversation, default: Language) -> Stage {
        let received = user.received(self.id).map(|received| received.outcome);
        match (round, received) {
            (Round::Out, None) if !self.segment.takes(user, self.at, default) => Stage::Outside,
            (Round::Out, None) if user.banned || !user.reachable => Stage::Skipped,
            (Round::Out, None) | (Round::Back, Some(Outcome::Sent)) => Stage::Pending,
            (Round::Out, Some(Outcome::Queued)) | (Round::Back, Some(Outcome::Recalling)) => {
                Stage::UnderWay
            }
            (Round::Out, Some(outcome))
            | (Round::Back, Some(outcome @ (Outcome::Recalled | Outcome::Kept))) => {
                Stage::Settled(outcome)
            }
            (Round::Back, _) => Stage::Outside,
        }
    }

    /// Adds one to those of an author; the oldest that are over are forgotten.
    pub(crate) fn remember(all: &mut Vec<Self>, one: Self) {
        let mut surplus = (all.len() + 1).saturating_sub(Self::MOST);
        all.retain(|other| {
            let goes = surplus > 0 && !other.is_under_way();
            surplus -= usize::from(goes);
            !goes
        });
        all.push(one);
    }
}
