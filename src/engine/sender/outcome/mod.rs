//! What Telegram's answer to a call means for the sends it was made for.
//!
//! Pure: the table of it is `tests/`.

mod failure;
mod mail;
mod stuck;
mod success;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::{
    Channel, ChatId, Conversation, Effect, FailureReason, Learnt, Link, MessageId, Millis,
    OutboxLane, Tell, Text,
};
use ports::{Call, DeadLetter, OutboxItem, Receipt, SendError};

use super::hints::Hints;

/// What must be written down, and what the lane does next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Outcome {
    /// The conversation learnt this.
    pub learnt: Option<Learnt>,
    /// Pairs of messages.
    pub links: Vec<Link>,
    /// What must now be done as well.
    pub effects: Vec<Effect>,
    /// What was given up.
    pub dead: Vec<DeadLetter>,
    /// The group has this id now.
    pub group: Option<ChatId>,
    /// A message of ours that landed where it should not be.
    pub stray: Option<Call>,
    /// What becomes of the sends.
    pub next_step: NextStep,
    /// What is worth counting.
    pub counts: Vec<OutcomeEvent>,
}

/// What becomes of the sends at the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) enum NextStep {
    /// They are done: delivered, or given up and told.
    #[default]
    Done,
    /// They are tried again, with these hints; after a pause if there is one.
    Retry(Hints, Option<Duration>),
    /// They are tried again when Telegram's limit lets their bucket go on.
    Throttled(Duration),
    /// They are done, or wait among looks from now on, with which Telegram has asked to wait.
    CosmeticThrottled(Duration),
    /// They wait in this lane of their conversation from now on.
    MoveTo(Channel),
    /// They are tried again when their bucket has rested: the bot may not do it now.
    PauseBucket(Duration),
    /// They are tried again when all has rested: the bot may do nothing now.
    PauseAll(Duration),
    /// The tracker did not take it: it steps aside for a while, and the tracker rests, at least this long if it says so.
    TrackerUnavailable(Hints, Option<Duration>),
}

impl NextStep {
    /// Whether the sends are done, or have left their lane.
    pub(in crate::engine) fn settles(self) -> bool {
        matches!(self, Self::Done | Self::CosmeticThrottled(_) | Self::MoveTo(_))
    }
}

/// Something worth counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum OutcomeEvent {
    /// A relayed message arrived.
    Delivered,
    /// A relayed message was given up.
    Failed(FailureReason),
    /// The same call will be made again although it may have been done.
    PossibleRepeat,
    /// A topic was opened.
    TopicOpened,
    /// A topic was found deleted.
    TopicDeleted,
    /// A message landed in General.
    LandedInGeneral,
    /// A topic was found closed.
    TopicClosed,
    /// Telegram asked to wait.
    Flood(Duration),
}

/// What a call was made for.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub lane: OutboxLane,
    pub run: &'a [OutboxItem],
    pub hints: Hints,
    pub conversation: Option<&'a Conversation>,
    pub group: ChatId,
    pub now: Millis,
    /// The group was found to have no topics now, or Telegram does not say whether it has.
    pub switched_off: bool,
    /// Whether Telegram did something else within the last half minute: after what is judged had begun to fail for long.
    pub others_go: bool,
}

impl Outcome {
    /// Whether the sends are done.
    pub(in crate::engine) fn settles(&self) -> bool {
        self.next_step.settles()
    }
}

/// Try again at once, knowing more.
fn again(hints: Hints) -> Outcome {
    Outcome { next_step: NextStep::Retry(hints, None), ..Outcome::default() }
}

impl Attempt<'_> {
    /// Nothing could be done: this is said in the topic instead, or where it was asked for.
    pub(super) fn told_instead(&self, text: Text, reply_to: Option<MessageId>) -> Outcome {
        let former = self.head().and_then(Effect::former);
        Outcome { effects: vec![Tell::operators(former, text, reply_to)], ..Outcome::default() }
    }

    /// The conversation learnt something first.
    pub(super) fn learns(&self, learnt: Learnt) -> Outcome {
        let next_step = NextStep::Retry(self.hints, None);
        Outcome { learnt: Some(learnt), next_step, ..Outcome::default() }
    }

    /// Each of the run gets an outcome of its own.
    pub(super) fn goes_singly(&self) -> Outcome {
        again(Hints { singly: true, ..self.hints })
    }

    /// Whether an answer means that the topic is lost, if the group has topics now.
    pub(super) fn seems_lost(&self, call: &Call, answer: &Result<Receipt, SendError>) -> bool {
        match answer {
            Ok(receipt) => self.is_astray(call, receipt),
            Err(error) => {
                let ours = !self.is_elsewhere(call) && !self.is_private(call);
                *error == SendError::TopicGone && ours
            }
        }
    }

    /// Whether a call is made in the user's private chat. Topics there have nothing to do with that of the group.
    pub(super) fn is_private(&self, call: &Call) -> bool {
        call.place().is_some_and(|place| place.chat == self.lane.user.chat())
    }

    fn head(&self) -> Option<&Effect> {
        self.run.first().map(|item| &item.queued.effect)
    }
}
