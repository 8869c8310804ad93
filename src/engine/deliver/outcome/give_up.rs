//! Gives sends up: they become dead letters, and operators get a notice.

use domain::{
    Audience, Button, ButtonAction, Channel, DeadId, Edit, Effect, FailureReason, Learnt, Relay,
    Side, Tell, Text,
};
use ports::{DeadLetter, Origin, OutboxItem, SendError};

use super::{Attempt, Outcome, OutcomeEvent};

impl Attempt<'_> {
    /// The outcome after repeated panics of the desk's own code over a send.
    pub(in crate::engine::deliver) fn panicked(&self) -> Outcome {
        if let Some(Effect::Newsletter(send)) = self.head() {
            return self.newsletter_given_up(send);
        }
        self.give_up(FailureReason::Defect, "repeated panics")
    }

    /// Makes the sends dead letters, and queues notices to the operators.
    pub(super) fn give_up(&self, reason: FailureReason, why: &str) -> Outcome {
        let letter = |item: &OutboxItem| DeadLetter {
            origin: Origin::Send(item.clone()),
            reason: why.to_owned(),
            at: self.now,
        };
        let dead = self.batch.iter().map(letter).collect();
        let unreachable = matches!(reason, FailureReason::Blocked | FailureReason::Gone)
            && self.lane.channel == Channel::User;
        let learnt = unreachable.then_some(Learnt::Unreachable);
        let mut effects = Vec::new();
        let known = self.conversation.filter(|conversation| conversation.topic.id().is_some());
        if unreachable && known.is_some_and(|conversation| conversation.reachable) {
            effects.push(Tell::topic(Text::UserLeft, None));
            effects.push(Effect::Refresh);
        }
        let notices = self.batch.iter().filter_map(|item| self.failure_notice(item, reason));
        let before = effects.len();
        effects.extend(notices);
        let counts = vec![OutcomeEvent::Failed(reason); effects.len() - before];
        Outcome { learnt, effects, dead, counts, ..Outcome::default() }
    }

    /// The notice to operators about a send that was given up. A notice that cannot be delivered gets no further
    /// notice.
    fn failure_notice(&self, item: &OutboxItem, reason: FailureReason) -> Option<Effect> {
        let (Effect::Relay(Relay { from, message, former, .. })
        | Effect::Edit(Edit { from, message, former, .. })) = &item.queued.effect
        else {
            return None;
        };
        let (audience, reply_to) = if reason == FailureReason::Topic {
            (Audience::Chat { chat: self.home(), topic: None }, None)
        } else {
            let audience = former.map_or(Audience::Topic, Audience::Former);
            (audience, (*from == Side::Staff).then_some(*message))
        };
        let action = ButtonAction::Retry(DeadId::of_send(item.seq));
        let button =
            may_succeed_later(reason).then_some(Button { label: Text::RetryButton, action });
        let buttons = button.into_iter().collect();
        Some(Effect::Tell(Tell {
            audience,
            text: Text::SendFailed { reason },
            reply_to,
            buttons,
            pin: false,
        }))
    }
}

/// Whether another attempt may succeed. A refused call has been tried in every possible way.
fn may_succeed_later(reason: FailureReason) -> bool {
    match reason {
        FailureReason::Blocked
        | FailureReason::Gone
        | FailureReason::NotCopyable
        | FailureReason::Vanished
        | FailureReason::CopyGone
        | FailureReason::Privacy
        | FailureReason::Defect
        | FailureReason::Topic => true,
        FailureReason::Refused => false,
    }
}

/// The reason that the notice to operators gives.
pub(super) fn failure_reason(error: &SendError) -> FailureReason {
    match error {
        SendError::Blocked => FailureReason::Blocked,
        SendError::Gone => FailureReason::Gone,
        SendError::NotCopyable => FailureReason::NotCopyable,
        SendError::MessageGone => FailureReason::Vanished,
        SendError::TooLate => FailureReason::CopyGone,
        SendError::Privacy => FailureReason::Privacy,
        SendError::TopicGone | SendError::TopicClosed => FailureReason::Topic,
        SendError::Throttled(_)
        | SendError::Unavailable { .. }
        | SendError::DeskBroken(_)
        | SendError::GroupBroken(_)
        | SendError::Migrated(_)
        | SendError::AlreadyDone
        | SendError::ReplyGone
        | SendError::QuoteInvalid
        | SendError::FileGone
        | SendError::Refused(_) => FailureReason::Refused,
    }
}
