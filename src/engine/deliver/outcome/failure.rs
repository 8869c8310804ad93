//! Interprets an error: wait, try another way, or give up visibly.

use std::time::Duration;

use crate::engine::{deliver::plan::Then, lanes::Hints};
use domain::{Audience, Channel, ChatId, Effect, FailureReason, Learnt, Relay, Side, Tell, Text};
use ports::{Call, Receipt, SendError};

use super::{Attempt, NextStep, Outcome, OutcomeEvent, give_up::failure_reason, retry};

/// Pause after Telegram has said that the bot may not work at all.
const PAUSE_WHEN_BROKEN: Duration = Duration::from_secs(15);

/// Delay after the refusal of a chat that has moved and is not, or is no longer, the operators' group.
const MOVED_PAUSE: Duration = Duration::from_secs(1);

impl Attempt<'_> {
    /// The outcome of a failed call.
    pub(in crate::engine::deliver) fn failed(
        &self,
        call: &Call,
        then: Then,
        error: &SendError,
    ) -> Outcome {
        match error {
            // A stranger who asks for ids in another chat must not harm the desk: the answer is not retried.
            error if self.is_elsewhere(call) && !matches!(error, SendError::Unavailable { .. }) => {
                Outcome::default()
            }
            SendError::DeskBroken(_) | SendError::GroupBroken(_) if self.is_decoration(&then) => {
                Outcome::default()
            }
            SendError::Throttled(wait) if matches!(then, Then::Done | Then::Probed) => {
                self.cosmetic_throttled(*wait)
            }
            // A stuck lane waits alone, whichever side its sends go to.
            SendError::Throttled(wait) if self.lane.channel == Channel::Stuck => Outcome {
                next_step: NextStep::Retry(self.hints, Some(*wait)),
                counts: vec![OutcomeEvent::Flood(*wait)],
                ..Outcome::default()
            },
            SendError::Throttled(wait) => Outcome {
                next_step: NextStep::Throttled(*wait),
                counts: vec![OutcomeEvent::Flood(*wait)],
                ..Outcome::default()
            },
            SendError::Unavailable { perhaps_done, .. } => self.unavailable(&then, *perhaps_done),
            SendError::DeskBroken(_) => Outcome {
                next_step: match self.lane.channel {
                    Channel::User | Channel::Newsletter => NextStep::PauseAll(PAUSE_WHEN_BROKEN),
                    Channel::Button
                    | Channel::Topic
                    | Channel::Cosmetic
                    | Channel::Desk
                    | Channel::Track
                    | Channel::Stuck => NextStep::PauseBucket(PAUSE_WHEN_BROKEN),
                },
                ..Outcome::default()
            },
            // The message comes out of a group that does not work. Other private chats need not wait for it.
            SendError::GroupBroken(_) if self.is_private(call) => Outcome {
                next_step: NextStep::Retry(self.hints, Some(PAUSE_WHEN_BROKEN)),
                ..Outcome::default()
            },
            SendError::GroupBroken(_) => Self::pause_bucket(),
            SendError::Migrated(to) => self.migrated(call, *to),
            SendError::AlreadyDone => self.succeeded(call, then, &Receipt::default()),
            SendError::TopicGone | SendError::TopicClosed if self.is_private(call) => {
                self.thread_lost(call, &then)
            }
            SendError::TopicGone if self.switched_off => Self::pause_bucket(),
            SendError::TopicGone => self
                .former_unusable()
                .unwrap_or_else(|| self.topic_lost(OutcomeEvent::TopicDeleted)),
            SendError::TopicClosed if self.in_former() => {
                self.former_unusable().unwrap_or_default()
            }
            SendError::TopicClosed if !self.hints.reopened && !self.hints.reopen => {
                retry(Hints { reopen: true, ..self.hints })
            }
            SendError::TopicClosed => self.give_up(FailureReason::Topic, "the topic stays closed"),
            SendError::ReplyGone if !self.hints.without_reply => {
                retry(Hints { without_reply: true, ..self.hints })
            }
            SendError::QuoteInvalid if !self.hints.without_quote => {
                retry(Hints { without_quote: true, ..self.hints })
            }
            SendError::Refused(_) | SendError::FileGone if has_extras(call) && !self.hints.bare => {
                retry(Hints { bare: true, ..self.hints })
            }
            SendError::FileGone if !self.hints.upload => {
                retry(Hints { upload: true, ..self.hints })
            }
            SendError::Blocked
            | SendError::Gone
            | SendError::ReplyGone
            | SendError::QuoteInvalid
            | SendError::FileGone
            | SendError::MessageGone
            | SendError::NotCopyable
            | SendError::TooLate
            | SendError::Privacy
            | SendError::Refused(_) => self.refused_whole(call, &then, error),
        }
    }

    /// The outcome of a refusal of the whole call, which may still succeed in parts or as a forward.
    fn refused_whole(&self, call: &Call, then: &Then, error: &SendError) -> Outcome {
        // Each message of the batch is tried alone, so that each gets its own outcome.
        if self.batch.len() > 1 && matches!(then, Then::Relayed) {
            return retry(Hints { singly: true, ..self.hints });
        }
        let is_uncopied =
            matches!(error, SendError::NotCopyable | SendError::FileGone | SendError::Refused(_));
        if is_uncopied && self.is_users_copy(call, then) {
            return retry(Hints { forward: true, ..self.hints });
        }
        self.refused(then, error)
    }

    /// The outcome of a throttled cosmetic call: no message waits for it. A reaction that is queued before messages
    /// moves to the cosmetic lane. A probe of the topic delays only its own lane.
    fn cosmetic_throttled(&self, wait: Duration) -> Outcome {
        let counts = vec![OutcomeEvent::Flood(wait)];
        match self.head() {
            Some(Effect::React { from, message, reaction, late: false }) => {
                let reaction = reaction.clone();
                let late = Effect::React { from: *from, message: *message, reaction, late: true };
                let next_step = NextStep::CosmeticThrottled(wait);
                Outcome { effects: vec![late], next_step, counts, ..Outcome::default() }
            }
            _ if self.lane.channel == Channel::Topic => {
                let next_step = NextStep::Retry(self.hints, Some(wait));
                Outcome { next_step, counts, ..Outcome::default() }
            }
            _ => Outcome { next_step: NextStep::Throttled(wait), counts, ..Outcome::default() },
        }
    }

    /// The outcome of a refusal: Telegram would refuse the same call again.
    fn refused(&self, then: &Then, error: &SendError) -> Outcome {
        let reason = failure_reason(error);
        match then {
            Then::TopicOpened { .. } if !self.hints.without_icon => {
                retry(Hints { without_icon: true, ..self.hints })
            }
            // Some names contain nothing that Telegram shows. The card still shows such a name.
            Then::TopicOpened { .. } | Then::Renamed { .. } if !self.hints.plain_title => {
                retry(Hints { plain_title: true, ..self.hints })
            }
            Then::TopicOpened { .. } | Then::TopicReopened => Self::pause_bucket(),
            // The message goes on without its introduction.
            Then::Introduced => retry(Hints { introduced: true, ..self.hints }),
            Then::Relayed => match (self.head(), reason) {
                (
                    Some(Effect::Relay(Relay { from: Side::User, kind, .. })),
                    FailureReason::NotCopyable,
                ) => Outcome {
                    counts: vec![OutcomeEvent::Delivered],
                    ..self.notice_instead(Text::NotCopied { kind: *kind }, None)
                },
                _ => self.give_up(reason, &error.to_string()),
            },
            Then::Edited { .. } if !self.hints.resend => {
                retry(Hints { resend: true, ..self.hints })
            }
            Then::Edited { .. } | Then::Resent { .. } => self.give_up(reason, &error.to_string()),
            Then::Erased { confirm: None } => Outcome::default(),
            Then::Erased { confirm } => self.notice_instead(Text::NotDeleted, *confirm),
            Then::TextSent { .. } => {
                self.former_unusable().unwrap_or_else(|| self.give_up(reason, &error.to_string()))
            }
            Then::CardEdited { .. } => self.learn_and_retry(Learnt::CardLost),
            // The card was deleted, by itself or with its topic. The next call tells which.
            Then::Probed if matches!(error, SendError::MessageGone) => {
                self.learn_and_retry(Learnt::CardLost)
            }
            Then::Probed | Then::CardSent { .. } => self.probed(),
            Then::NewsletterSettled { newsletter, outcome } => {
                self.newsletter_refused(*newsletter, *outcome, error)
            }
            Then::Previewed => Outcome {
                effects: vec![Tell::user(Text::NewsletterUnsendable)],
                ..Outcome::default()
            },
            Then::PanelEdited if !self.hints.resend => retry(Hints { resend: true, ..self.hints }),
            // Cosmetic calls, pins, reactions: no message is lost. A panel that its author cannot receive is skipped.
            Then::Renamed { .. } | Then::PanelSent(_) | Then::PanelEdited | Then::Done => {
                Outcome::default()
            }
        }
    }

    /// Whether a call copies a message of a user; a forward may work instead. A forward names its author, so an
    /// operator's message is never forwarded to a user.
    fn is_users_copy(&self, call: &Call, then: &Then) -> bool {
        matches!((call, then), (Call::Copy { .. }, Then::Relayed | Then::Resent { .. }))
            && self.head().is_some_and(|effect| effect.carries(Side::User))
    }

    /// The topic of the user's private chat is gone. This says nothing about the topic in the group.
    fn thread_lost(&self, call: &Call, then: &Then) -> Outcome {
        if self.hints.without_thread {
            let error = SendError::Refused("the private chat accepts it in no topic".to_owned());
            return self.refused(then, &error);
        }
        let thread = call.place().and_then(|place| place.topic);
        Outcome {
            learnt: thread.map(Learnt::ThreadLost),
            ..retry(Hints { without_thread: true, ..self.hints })
        }
    }

    /// A chat has moved: a group of the desk, or one whose move another lane learnt of while this call was under way,
    /// or any other chat.
    fn migrated(&self, call: &Call, to: ChatId) -> Outcome {
        let moved = self.groups.iter().find(|(_, chat)| call.concerns(*chat) && *chat != to);
        if let Some((group, _)) = moved {
            return Outcome { group: Some((group, to)), ..retry(self.hints) };
        }
        let next_step = NextStep::Retry(self.hints, Some(MOVED_PAUSE));
        Outcome { next_step, ..Outcome::default() }
    }

    /// The bot cannot work in the group now: pause the calls to it.
    pub(super) fn pause_bucket() -> Outcome {
        Outcome { next_step: NextStep::PauseBucket(PAUSE_WHEN_BROKEN), ..Outcome::default() }
    }

    /// Whether a call sends a text to a chat that is no operators' group: `/id` is answered everywhere.
    pub(super) fn is_elsewhere(&self, call: &Call) -> bool {
        let to_another =
            matches!(call, Call::Say { to, .. } if self.groups.group(to.chat).is_none());
        to_another && self.lane.channel == Channel::Desk
    }

    /// Whether a call is only decoration: without the right to pin, messages still flow.
    fn is_decoration(&self, then: &Then) -> bool {
        let decorates = matches!(
            self.head(),
            Some(Effect::Pin { .. } | Effect::Unpin { .. } | Effect::React { .. })
        );
        decorates && matches!(then, Then::Done)
    }

    /// Whether the send goes to a former topic of the user.
    fn in_former(&self) -> bool {
        let is_for_former = |effect: &Effect| {
            matches!(effect, Effect::Tell(Tell { audience: Audience::Former(_), .. }))
        };
        self.head().is_some_and(is_for_former) && !self.hints.in_present
    }

    /// The outcome of a failure in a former topic: the text goes to the present topic instead. A notice that the
    /// conversation goes on elsewhere is dropped, because it is of no use there. `None` if the send was not for a
    /// former topic.
    pub(super) fn former_unusable(&self) -> Option<Outcome> {
        if !self.in_former() {
            return None;
        }
        let is_pointer =
            |effect| matches!(effect, &Effect::Tell(Tell { text: Text::GoesOnIn { .. }, .. }));
        if self.head().is_some_and(is_pointer) {
            return Some(Outcome::default());
        }
        Some(retry(Hints { in_present: true, ..self.hints }))
    }

    /// The topic is gone. Messages are sent again to a new topic, once; other sends have lost their object.
    pub(super) fn topic_lost(&self, count: OutcomeEvent) -> Outcome {
        let topic = self.conversation.and_then(|conversation| conversation.topic.id());
        let learnt = topic.map(Learnt::TopicLost);
        let carries_words =
            matches!(self.head(), Some(Effect::Relay(_) | Effect::Tell(_) | Effect::Edit(_)));
        if !carries_words {
            return Outcome { learnt, counts: vec![count], ..Outcome::default() };
        }
        if self.hints.healed {
            return Outcome {
                learnt,
                ..self.give_up(
                    FailureReason::Topic,
                    "the topic is gone, and so is the one opened for it",
                )
            };
        }
        // A new topic shows nothing of what was said in the old one.
        let hints = Hints { healed: true, reopen: false, introduced: false, ..self.hints };
        Outcome {
            learnt,
            next_step: NextStep::Retry(hints, None),
            counts: vec![count],
            ..Outcome::default()
        }
    }
}

/// Whether a copy carries more than the message. With a reply or buttons, or if it is sent by its file ids, Telegram
/// makes a new message of it and may refuse what it would copy, a long caption for example.
fn has_extras(call: &Call) -> bool {
    matches!(call, Call::Copy { reply: Some(_), .. } | Call::Album { .. })
        || matches!(call, Call::Copy { links, .. } if !links.is_empty())
}
