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
pub(in crate::engine) struct Judgement {
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
    pub fate: Fate,
    /// What is worth counting.
    pub counts: Vec<Count>,
}

/// What becomes of the sends at the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) enum Fate {
    /// They are done: delivered, or given up and told.
    #[default]
    Done,
    /// They are tried again, with these hints; after a pause if there is one.
    Again(Hints, Option<Duration>),
    /// They are tried again when Telegram's limit lets their bucket go on.
    Frozen(Duration),
    /// They are done, or wait among looks from now on, with which Telegram has asked to wait.
    LooksFrozen(Duration),
    /// They wait in this lane of their conversation from now on.
    Moves(Channel),
    /// They are tried again when their bucket has rested: the bot may not do it now.
    Rests(Duration),
    /// They are tried again when all has rested: the bot may do nothing now.
    AllRests(Duration),
    /// The tracker did not take it: it steps aside for a while, and the tracker rests, at least this long if it says so.
    Unheard(Hints, Option<Duration>),
}

impl Fate {
    /// Whether the sends are done, or have left their lane.
    pub(in crate::engine) fn settles(self) -> bool {
        matches!(self, Self::Done | Self::LooksFrozen(_) | Self::Moves(_))
    }
}

/// Something worth counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Count {
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
pub(super) struct Case<'a> {
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

impl Judgement {
    /// Whether the sends are done.
    pub(in crate::engine) fn settles(&self) -> bool {
        self.fate.settles()
    }
}

/// Try again at once, knowing more.
fn again(hints: Hints) -> Judgement {
    Judgement { fate: Fate::Again(hints, None), ..Judgement::default() }
}

impl Case<'_> {
    /// Nothing could be done: this is said in the topic instead, or where it was asked for.
    pub(super) fn told_instead(&self, text: Text, reply_to: Option<MessageId>) -> Judgement {
        let former = self.head().and_then(Effect::former);
        Judgement { effects: vec![Tell::operators(former, text, reply_to)], ..Judgement::default() }
    }

    /// The conversation learnt something first.
    pub(super) fn learns(&self, learnt: Learnt) -> Judgement {
        let fate = Fate::Again(self.hints, None);
        Judgement { learnt: Some(learnt), fate, ..Judgement::default() }
    }

    /// Each of the run gets an outcome of its own.
    pub(super) fn goes_singly(&self) -> Judgement {
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
