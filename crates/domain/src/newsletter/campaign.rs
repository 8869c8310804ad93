//! A newsletter after its start.

use std::time::Duration;

use crate::{MessageId, Millis, NewsletterId, UserId};

use super::{Draft, NewsletterContent, Progress, Recipient, RecipientOutcome, Segment};

/// A newsletter that was started. Stored with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newsletter {
    /// The newsletter's id.
    pub id: NewsletterId,
    /// The user whose private chat with the bot contains the original messages.
    pub author: UserId,
    /// The content.
    pub letter: NewsletterContent,
    /// The recipients.
    pub segment: Segment,
    /// When it starts or started.
    pub at: Millis,
    /// Number of recipients at the start.
    pub recipients: u64,
    /// The state of the newsletter.
    pub state: NewsletterState,
    /// Whether it was ended before all recipients got it.
    pub cancelled: bool,
    /// Whether the author was asked to confirm a recall.
    pub asks: bool,
    /// When it ended.
    pub ended: Option<Millis>,
    /// The progress at its end.
    pub last: Progress,
    /// The message that shows the newsletter's control panel.
    pub panel: Option<MessageId>,
}

/// The state of a newsletter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsletterState {
    /// The start time is in the future.
    Planned,
    /// Sends are being queued.
    Running,
    /// The author has paused it.
    Paused,
    /// The author's message was deleted: there is nothing left to send.
    Vanished,
    /// It was cancelled; sends that are already in the outbox continue.
    Stopping,
    /// It has ended.
    Over,
    /// It is being recalled.
    Undoing,
    /// The recall is complete.
    Undone,
}

/// The direction of a pass through all conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendOrRecall {
    /// Sending the newsletter.
    Out,
    /// Recalling the newsletter.
    Back,
}

/// A user's stage in a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The newsletter is not for this user.
    Outside,
    /// The newsletter is for this user, but the user is banned or unreachable.
    Skipped,
    /// Nothing was queued yet.
    Pending,
    /// The send waits in the outbox.
    UnderWay,
    /// The outcome is known.
    Settled(RecipientOutcome),
}

impl Newsletter {
    /// Maximum number of newsletters that an author may have planned or in progress.
    pub const AT_ONCE: usize = 5;
    /// Maximum number of newsletters remembered per author.
    const MAX_REMEMBERED: usize = 20;
    /// How long bots may delete their own messages (Bot API, `deleteMessage`).
    const RECALL_WINDOW: Duration = Duration::from_hours(48);
    /// How long a newsletter may take, pauses included. Shorter than the time for which outcomes are remembered.
    const MAX_DURATION: Duration = Duration::from_hours(25 * 24);

    /// Starts a draft at this moment.
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
            state: if at > now { NewsletterState::Planned } else { NewsletterState::Running },
            cancelled: false,
            asks: false,
            ended: None,
            last: Progress::default(),
            panel,
        }
    }

    /// Whether something is left to do for the newsletter.
    pub fn is_under_way(&self) -> bool {
        match self.state {
            NewsletterState::Planned
            | NewsletterState::Running
            | NewsletterState::Paused
            | NewsletterState::Vanished
            | NewsletterState::Stopping
            | NewsletterState::Undoing => true,
            NewsletterState::Over | NewsletterState::Undone => false,
        }
    }

    /// Returns the direction of the present pass; `None` if there is no pass.
    pub fn round(&self) -> Option<SendOrRecall> {
        match self.state {
            NewsletterState::Running
            | NewsletterState::Paused
            | NewsletterState::Vanished
            | NewsletterState::Stopping => Some(SendOrRecall::Out),
            NewsletterState::Undoing => Some(SendOrRecall::Back),
            NewsletterState::Planned | NewsletterState::Over | NewsletterState::Undone => None,
        }
    }

    /// Whether more may be queued.
    pub fn goes_on(&self) -> bool {
        matches!(self.state, NewsletterState::Running | NewsletterState::Undoing)
    }

    /// Whether the newsletter can be recalled.
    pub fn is_undoable(&self, now: Millis) -> bool {
        self.state == NewsletterState::Over && now.since(self.at) < Self::RECALL_WINDOW
    }

    /// Whether the newsletter can continue after it was ended.
    pub fn is_resumable(&self, now: Millis) -> bool {
        let paused = self.state == NewsletterState::Paused;
        paused || (self.state == NewsletterState::Over && self.cancelled && !self.is_late(now))
    }

    /// Whether the newsletter has taken too long and must be ended.
    pub fn is_late(&self, now: Millis) -> bool {
        now.since(self.at) >= Self::MAX_DURATION
    }

    /// Returns a user's stage in a pass.
    pub fn stage(&self, round: SendOrRecall, user: &Recipient<'_>) -> Stage {
        match (round, user.outcome(self.id)) {
            (SendOrRecall::Out, None) if !self.segment.includes(user, self.at) => Stage::Outside,
            (SendOrRecall::Out, None) if !user.reachable => Stage::Skipped,
            (SendOrRecall::Out, None) | (SendOrRecall::Back, Some(RecipientOutcome::Sent)) => {
                Stage::Pending
            }
            (SendOrRecall::Out, Some(RecipientOutcome::Queued))
            | (SendOrRecall::Back, Some(RecipientOutcome::Recalling)) => Stage::UnderWay,
            (SendOrRecall::Out, Some(outcome))
            | (
                SendOrRecall::Back,
                Some(outcome @ (RecipientOutcome::Recalled | RecipientOutcome::Kept)),
            ) => Stage::Settled(outcome),
            (SendOrRecall::Back, _) => Stage::Outside,
        }
    }

    /// Adds a newsletter to those of an author, and drops the oldest that have ended.
    pub(crate) fn remember(all: &mut Vec<Self>, one: Self) {
        let mut surplus = (all.len() + 1).saturating_sub(Self::MAX_REMEMBERED);
        all.retain(|other| {
            let goes = surplus > 0 && !other.is_under_way();
            surplus -= usize::from(goes);
            !goes
        });
        all.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Language, Received};
    use NewsletterState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    use std::collections::BTreeMap;

    const NOW: Millis = Millis(1_790_000_000_000);
    const HOUR: Duration = Duration::from_hours(1);

    fn started() -> Newsletter {
        Newsletter::start(Draft::new(NOW), UserId(7), NOW)
    }

    static NO_ANSWERS: BTreeMap<String, String> = BTreeMap::new();

    fn user(received: &[Received]) -> Recipient<'_> {
        Recipient {
            since: Millis(0),
            last_active: Millis(0),
            language: Language::English,
            answers: &NO_ANSWERS,
            reachable: true,
            received,
        }
    }

    #[test]
    fn a_draft_is_started_now_or_planned() {
        for (name, at, starts, state) in [
            ("at once", None, NOW, Running),
            ("later", Some(NOW.plus(HOUR)), NOW.plus(HOUR), Planned),
            ("at a time that has passed in the meantime", Some(NOW.before(HOUR)), NOW, Running),
            ("at this very moment", Some(NOW), NOW, Running),
        ] {
            let draft = Draft { at, recipients: Some(12), ..Draft::new(NOW) };
            let one = Newsletter::start(draft, UserId(7), NOW);
            assert_eq!((one.at, one.state, one.recipients), (starts, state, 12), "{name}");
        }
    }

    #[test]
    fn newsletters_started_in_the_same_millisecond_have_different_ids() {
        let by = |user| Newsletter::start(Draft::new(NOW), UserId(user), NOW).id;
        assert_ne!(by(7), by(8));
        assert!(by(7) < Newsletter::start(Draft::new(NOW), UserId(7), Millis(NOW.0 + 1)).id);
    }

    #[test]
    fn each_state_has_its_pass() {
        for (state, under_way, round, goes_on) in [
            (Planned, true, None, false),
            (Running, true, Some(SendOrRecall::Out), true),
            (Paused, true, Some(SendOrRecall::Out), false),
            (Vanished, true, Some(SendOrRecall::Out), false),
            (Stopping, true, Some(SendOrRecall::Out), false),
            (Over, false, None, false),
            (Undoing, true, Some(SendOrRecall::Back), true),
            (Undone, false, None, false),
        ] {
            let one = Newsletter { state, ..started() };
            let found = (one.is_under_way(), one.round(), one.goes_on());
            assert_eq!(found, (under_way, round, goes_on), "{state:?}");
        }
    }

    #[test]
    fn a_user_has_a_stage_in_each_pass() {
        let one = started();
        let stage = |round, user: &Recipient<'_>| one.stage(round, user);
        let late = Recipient { since: NOW.plus(HOUR), ..user(&[]) };
        let unreachable = Recipient { reachable: false, ..user(&[]) };
        for (name, user, out, back) in [
            ("nothing was queued yet", user(&[]), Stage::Pending, Stage::Outside),
            ("it is not for this user", late, Stage::Outside, Stage::Outside),
            ("the user is banned or unreachable", unreachable, Stage::Skipped, Stage::Outside),
        ] {
            assert_eq!(
                (stage(SendOrRecall::Out, &user), stage(SendOrRecall::Back, &user)),
                (out, back),
                "{name}"
            );
        }
        for (outcome, out, back) in [
            (RecipientOutcome::Queued, Stage::UnderWay, Stage::Outside),
            (RecipientOutcome::Sent, Stage::Settled(RecipientOutcome::Sent), Stage::Pending),
            (RecipientOutcome::Blocked, Stage::Settled(RecipientOutcome::Blocked), Stage::Outside),
            (RecipientOutcome::Failed, Stage::Settled(RecipientOutcome::Failed), Stage::Outside),
            (
                RecipientOutcome::Vanished,
                Stage::Settled(RecipientOutcome::Vanished),
                Stage::Outside,
            ),
            (
                RecipientOutcome::Recalling,
                Stage::Settled(RecipientOutcome::Recalling),
                Stage::UnderWay,
            ),
            (
                RecipientOutcome::Recalled,
                Stage::Settled(RecipientOutcome::Recalled),
                Stage::Settled(RecipientOutcome::Recalled),
            ),
            (
                RecipientOutcome::Kept,
                Stage::Settled(RecipientOutcome::Kept),
                Stage::Settled(RecipientOutcome::Kept),
            ),
        ] {
            let received = [Received { newsletter: one.id, outcome, copies: Vec::new(), at: NOW }];
            let user = user(&received);
            let found = (stage(SendOrRecall::Out, &user), stage(SendOrRecall::Back, &user));
            assert_eq!(found, (out, back), "{outcome:?}");
        }
    }

    #[test]
    fn the_oldest_ended_newsletter_is_forgotten() {
        let one = |id, state| Newsletter { id: NewsletterId(id), state, ..started() };
        let mut all = Vec::new();
        for id in 0..20 {
            Newsletter::remember(&mut all, one(id, if id == 0 { Paused } else { Over }));
        }
        assert_eq!(all.len(), Newsletter::MAX_REMEMBERED);
        Newsletter::remember(&mut all, one(20, Running));
        let ids: Vec<i64> = all.iter().map(|one| one.id.0).collect();
        assert_eq!(ids.len(), Newsletter::MAX_REMEMBERED);
        assert_eq!(ids[..2], [0, 2], "the first is in progress, the second had ended");
    }

    #[test]
    fn outcomes_are_remembered_longer_than_a_recall_is_possible() {
        let longest = Newsletter::MAX_DURATION + Newsletter::RECALL_WINDOW;
        assert!(Received::RETENTION > longest);
        assert!(Received::RETENTION < longest * 2, "conversations must not grow without bound");
    }
}
