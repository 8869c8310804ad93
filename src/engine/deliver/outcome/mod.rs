//! Interprets Telegram's answer to a call.
//!
//! Pure functions: `tests/` is their table.

mod failure;
mod give_up;
mod newsletter;
mod regroup;
mod stuck;
mod success;
#[cfg(test)]
mod tests;

use std::time::Duration;

use domain::{
    Channel, ChatId, Conversation, Effect, FailureReason, GroupChats, GroupKey, Learnt, Link,
    MessageId, Millis, OutboxLane, Tell, Text,
};
use ports::{Call, DeadLetter, OutboxItem, Receipt, SendError};

use crate::engine::lanes::Hints;

/// Changes to commit, and the next step for the lane.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Outcome {
    /// A fact that the conversation learns.
    pub learnt: Option<Learnt>,
    /// New links.
    pub links: Vec<Link>,
    /// Effects that follow.
    pub effects: Vec<Effect>,
    /// Sends that were given up.
    pub dead: Vec<DeadLetter>,
    /// A group's new id.
    pub group: Option<(GroupKey, ChatId)>,
    /// The call that deletes a message which landed in the wrong place.
    pub stray: Option<Call>,
    pub next_step: NextStep,
    /// Events to count.
    pub counts: Vec<OutcomeEvent>,
}

/// The next step for the sends at the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) enum NextStep {
    /// They are done: delivered, or given up with a notice.
    #[default]
    Done,
    /// Try them again with these hints, after the pause if there is one.
    Retry(Hints, Option<Duration>),
    /// Telegram throttles the bucket: freeze it for this time, then try them again.
    Throttled(Duration),
    /// They are done, or moved to the cosmetic lane. Cosmetic calls are throttled for this time.
    CosmeticThrottled(Duration),
    /// They move to this lane of their conversation.
    MoveTo(Channel),
    /// Pause their bucket for this time, then try them again: the bot lacks a right there, or cannot work there now.
    PauseBucket(Duration),
    /// Pause all buckets for this time, then try them again: the bot cannot work at all now.
    PauseAll(Duration),
}

impl NextStep {
    /// Whether the sends are done or have left their lane.
    pub(in crate::engine) fn settles(self) -> bool {
        matches!(self, Self::Done | Self::CosmeticThrottled(_) | Self::MoveTo(_))
    }
}

/// An event to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum OutcomeEvent {
    /// A relayed message arrived.
    Delivered,
    /// A relayed message was given up.
    Failed(FailureReason),
    /// The same call will be made again, although Telegram may have carried it out.
    PossibleRepeat,
    /// A topic was opened.
    TopicOpened,
    /// A topic turned out to be deleted.
    TopicDeleted,
    /// A message landed in General.
    LandedInGeneral,
    /// A topic turned out to be closed.
    TopicClosed,
    /// Telegram throttled a call.
    Flood(Duration),
}

/// One call and the state it was planned on.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    pub lane: OutboxLane,
    pub batch: &'a [OutboxItem],
    pub hints: Hints,
    pub conversation: Option<&'a Conversation>,
    pub groups: &'a GroupChats,
    pub now: Millis,
    /// Whether the group has no topics now, or Telegram does not say whether it has.
    pub switched_off: bool,
    /// Whether another call has succeeded within the last half minute. If this one has failed for longer than that,
    /// Telegram is up and only this call fails.
    pub others_succeed: bool,
}

impl Outcome {
    /// Whether the sends are done.
    pub(in crate::engine) fn settles(&self) -> bool {
        self.next_step.settles()
    }
}

/// Tries again at once, with new hints.
fn retry(hints: Hints) -> Outcome {
    Outcome { next_step: NextStep::Retry(hints, None), ..Outcome::default() }
}

impl Attempt<'_> {
    /// Says in the topic, or where it was asked for, why nothing was done.
    pub(super) fn notice_instead(&self, text: Text, reply_to: Option<MessageId>) -> Outcome {
        let former = self.head().and_then(Effect::former);
        Outcome { effects: vec![Tell::operators(former, text, reply_to)], ..Outcome::default() }
    }

    /// Stores a new fact, then tries again.
    pub(super) fn learn_and_retry(&self, learnt: Learnt) -> Outcome {
        let next_step = NextStep::Retry(self.hints, None);
        Outcome { learnt: Some(learnt), next_step, ..Outcome::default() }
    }

    /// Sends each message of the batch in a call of its own, so that each gets its own outcome.
    pub(super) fn send_singly(&self) -> Outcome {
        retry(Hints { singly: true, ..self.hints })
    }

    /// Whether an answer means that the topic is gone, provided that the group has topics now.
    pub(super) fn seems_lost(&self, call: &Call, answer: &Result<Receipt, SendError>) -> bool {
        match answer {
            Ok(receipt) => self.is_misplaced(call, receipt),
            Err(error) => {
                let ours = !self.is_elsewhere(call) && !self.is_private(call);
                *error == SendError::TopicGone && ours
            }
        }
    }

    /// Whether a call goes to the user's private chat. Topics there are unrelated to the group's topics.
    pub(super) fn is_private(&self, call: &Call) -> bool {
        call.place().is_some_and(|place| place.chat == self.lane.user.chat())
    }

    /// The chat of the group that has the conversation, or of the first.
    pub(super) fn home(&self) -> ChatId {
        self.groups.chat(self.conversation.map(|one| one.topic.group).unwrap_or_default())
    }

    fn head(&self) -> Option<&Effect> {
        self.batch.first().map(|item| &item.queued.effect)
    }
}
