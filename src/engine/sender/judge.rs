//! What Telegram's answer to a call means for the sends it was made for.
//!
//! Pure, so that every row of this table is a test.

use std::time::Duration;

use crate::{
    domain::{
        Audience, Button, ButtonAction, Channel, ChatId, Conversation, DeadId, Edit, Effect,
        FailureReason, Learnt, Link, MessageId, Millis, OutboxLane, Relay, Side, Tell, Text,
    },
    ports::{Call, DeadLetter, Origin, OutboxItem, Receipt, SendError},
};

use super::{lanes::Hints, plan::Then};

/// How long calls rest after Telegram has said that the bot may not work at all.
const REST_WHEN_BROKEN: Duration = Duration::from_secs(15);

/// What must be written down, and what the lane does next.
#[derive(Debug, Default)]
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
    /// They are tried again when their bucket has thawed.
    Frozen(Duration),
    /// They are tried again when the bot as a whole may work again.
    AllFrozen(Duration),
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
    /// The group has moved.
    GroupMigrated,
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
}

impl Judgement {
    /// Whether the sends are done.
    pub(in crate::engine) fn settles(&self) -> bool {
        self.fate == Fate::Done
    }
}

impl Case<'_> {
    /// Nothing could be done: this is said in the topic instead.
    pub(super) fn told_instead(text: Text, reply_to: Option<MessageId>) -> Judgement {
        Judgement { effects: vec![Tell::topic(text, reply_to)], ..Judgement::default() }
    }

    /// Our own code panics over it, again and again.
    pub(super) fn panicked(&self) -> Judgement {
        self.give_up(FailureReason::Refused, "a panic, several times")
    }

    /// Telegram did it.
    pub(super) fn succeeded(&self, call: &Call, then: Then, receipt: &Receipt) -> Judgement {
        if let Some(judgement) = self.strayed(call, receipt) {
            return judgement;
        }
        let again = |hints| Fate::Again(hints, None);
        let first = receipt.messages.first().copied();
        match then {
            Then::TopicOpened { title } => Judgement {
                learnt: receipt.opened.map(|topic| Learnt::TopicOpened { topic, title }),
                effects: vec![Effect::Refresh],
                fate: again(self.hints),
                counts: vec![Count::TopicOpened],
                ..Judgement::default()
            },
            Then::TopicReopened => Judgement {
                fate: again(Hints { reopen: false, reopened: true, ..self.hints }),
                counts: vec![Count::TopicClosed],
                ..Judgement::default()
            },
            Then::Relayed => self.relayed(receipt),
            Then::Edited { link } => Judgement { links: vec![link], ..Judgement::default() },
            Then::Resent { link } => {
                let links = first.map(|copy| match link.origin {
                    Side::User => Link { staff_message: copy, ..link },
                    Side::Staff => Link { user_message: copy, ..link },
                });
                Judgement { links: links.into_iter().collect(), ..Judgement::default() }
            }
            Then::Erased { command } => Self::told_instead(Text::Deleted, Some(command)),
            Then::Told { pin } => match first.filter(|_| pin) {
                Some(message) => Judgement {
                    learnt: Some(Learnt::SilentNotice(message)),
                    effects: vec![Effect::Pin { message }],
                    ..Judgement::default()
                },
                None => Judgement::default(),
            },
            Then::Renamed { title } => Judgement {
                learnt: Some(Learnt::TitleShown(title)),
                fate: again(self.hints),
                ..Judgement::default()
            },
            Then::CardSent { hash } => Judgement {
                learnt: first.map(|card| Learnt::CardShown { card, hash }),
                effects: first.map(|message| Effect::Pin { message }).into_iter().collect(),
                ..Judgement::default()
            },
            Then::CardEdited { card, hash } => {
                Judgement { learnt: Some(Learnt::CardShown { card, hash }), ..Judgement::default() }
            }
            Then::Done => Judgement::default(),
        }
    }

    /// Telegram did not do it.
    pub(super) fn failed(&self, call: &Call, then: Then, error: SendError) -> Judgement {
        match error {
            SendError::Throttled(wait) => Judgement {
                fate: Fate::Frozen(wait),
                counts: vec![Count::Flood(wait)],
                ..Judgement::default()
            },
            SendError::Unavailable { perhaps_done, .. } => {
                let counts = if perhaps_done { vec![Count::PossibleRepeat] } else { Vec::new() };
                let hints = Hints { attempts: self.hints.attempts.saturating_add(1), ..self.hints };
                let fate = Fate::Again(hints, Some(back_off(self.hints.attempts)));
                Judgement { fate, counts, ..Judgement::default() }
            }
            SendError::DeskBroken(_) => Judgement {
                fate: match self.lane.channel {
                    Channel::User => Fate::AllFrozen(REST_WHEN_BROKEN),
                    Channel::Button | Channel::Topic | Channel::Cosmetic | Channel::Desk => {
                        Fate::Frozen(REST_WHEN_BROKEN)
                    }
                },
                ..Judgement::default()
            },
            SendError::Migrated(to) => Judgement {
                group: Some(to),
                fate: Fate::Again(self.hints, None),
                counts: vec![Count::GroupMigrated],
                ..Judgement::default()
            },
            SendError::AlreadyDone => self.succeeded(call, then, &Receipt::default()),
            SendError::TopicGone => self.topic_lost(Count::TopicDeleted),
            SendError::TopicClosed if !self.hints.reopened && !self.hints.reopen => {
                self.again(Hints { reopen: true, ..self.hints })
            }
            SendError::TopicClosed => self.give_up(FailureReason::Topic, "the topic stays closed"),
            SendError::ReplyGone if !self.hints.without_reply => {
                self.again(Hints { without_reply: true, ..self.hints })
            }
            SendError::QuoteInvalid if !self.hints.without_quote => {
                self.again(Hints { without_quote: true, ..self.hints })
            }
            // Each of a run is tried alone, so that each gets an outcome of its own.
            SendError::Blocked
            | SendError::Gone
            | SendError::ReplyGone
            | SendError::QuoteInvalid
            | SendError::MessageGone
            | SendError::NotCopyable
            | SendError::TooLate
            | SendError::Privacy
            | SendError::Refused(_)
                if self.run.len() > 1 && matches!(self.head(), Some(Effect::Relay(_))) =>
            {
                self.again(Hints { singly: true, ..self.hints })
            }
            SendError::Blocked
            | SendError::Gone
            | SendError::ReplyGone
            | SendError::QuoteInvalid
            | SendError::MessageGone
            | SendError::NotCopyable
            | SendError::TooLate
            | SendError::Privacy
            | SendError::Refused(_) => self.refused(&then, &error),
        }
    }

    /// Telegram said no, and will say no again.
    fn refused(&self, then: &Then, error: &SendError) -> Judgement {
        let reason = reason(error);
        match then {
            Then::TopicOpened { .. } if !self.hints.without_icon => {
                self.again(Hints { without_icon: true, ..self.hints })
            }
            Then::TopicOpened { .. } | Then::TopicReopened => {
                Judgement { fate: Fate::Frozen(REST_WHEN_BROKEN), ..Judgement::default() }
            }
            Then::Relayed => match (self.head(), reason) {
                (
                    Some(Effect::Relay(Relay { from: Side::User, kind, .. })),
                    FailureReason::NotCopyable,
                ) => Judgement {
                    counts: vec![Count::Delivered],
                    ..Self::told_instead(Text::NotCopied { kind: *kind }, None)
                },
                _ => self.give_up(reason, &error.to_string()),
            },
            Then::Edited { .. } if !self.hints.resend => {
                self.again(Hints { resend: true, ..self.hints })
            }
            Then::Edited { .. } | Then::Resent { .. } => self.give_up(reason, &error.to_string()),
            Then::Erased { command } => Self::told_instead(Text::NotDeleted, Some(*command)),
            Then::Told { .. } => self.give_up(reason, &error.to_string()),
            Then::CardEdited { .. } => Judgement {
                learnt: Some(Learnt::CardLost),
                fate: Fate::Again(self.hints, None),
                ..Judgement::default()
            },
            // Looks, pins, reactions: nobody's words are lost.
            Then::Renamed { .. } | Then::CardSent { .. } | Then::Done => Judgement::default(),
        }
    }

    fn relayed(&self, receipt: &Receipt) -> Judgement {
        let relays: Vec<&Relay> =
            self.run.iter().filter_map(|item| item.queued.effect.relay()).collect();
        let counts = vec![Count::Delivered; receipt.messages.len().min(relays.len())];
        let missing = relays.len().saturating_sub(receipt.messages.len());
        if missing > 0 {
            // Which of them is missing, Telegram does not say: no pair is better than a wrong one.
            let missing = u32::try_from(missing).unwrap_or(u32::MAX);
            return Judgement { counts, ..Self::told_instead(Text::SomeMissing { missing }, None) };
        }
        let pair = |(relay, copy): (&&Relay, &MessageId)| {
            let (user_message, staff_message) = match relay.from {
                Side::User => (relay.message, *copy),
                Side::Staff => (*copy, relay.message),
            };
            Link {
                user: self.lane.user,
                user_message,
                staff_message,
                origin: relay.from,
                fingerprint: relay.fingerprint,
                at: self.now,
            }
        };
        let links = relays.iter().zip(&receipt.messages).map(pair).collect();
        Judgement { links, counts, ..Judgement::default() }
    }

    /// A message for a topic that arrived in General instead: taken back there, and sent to a new topic.
    fn strayed(&self, call: &Call, receipt: &Receipt) -> Option<Judgement> {
        let to = match call {
            Call::Say { to, .. }
            | Call::Forward { to, .. }
            | Call::ForwardMany { to, .. }
            | Call::Album { to, .. } => to,
            _ => return None,
        };
        let meant = to.topic?;
        let landed = receipt.landed?;
        if landed == Some(meant) || self.lane.channel == Channel::Desk {
            return None;
        }
        let stray = receipt
            .messages
            .first()
            .map(|message| Call::Delete { chat: to.chat, message: *message });
        Some(Judgement { stray, ..self.topic_lost(Count::LandedInGeneral) })
    }

    /// The topic is gone. What carries words is sent again to a new one, once; the rest has lost its object.
    fn topic_lost(&self, count: Count) -> Judgement {
        let topic = self.conversation.and_then(|conversation| conversation.topic.id());
        let learnt = topic.map(Learnt::TopicLost);
        let carries_words =
            matches!(self.head(), Some(Effect::Relay(_) | Effect::Tell(_) | Effect::Edit(_)));
        if !carries_words {
            return Judgement { learnt, counts: vec![count], ..Judgement::default() };
        }
        if self.hints.healed {
            return Judgement {
                learnt,
                ..self.give_up(
                    FailureReason::Topic,
                    "the topic is gone, and so is the one opened for it",
                )
            };
        }
        let hints = Hints { healed: true, reopen: false, ..self.hints };
        Judgement {
            learnt,
            fate: Fate::Again(hints, None),
            counts: vec![count],
            ..Judgement::default()
        }
    }

    /// Keeps the sends as dead letters and says so where operators see it.
    fn give_up(&self, reason: FailureReason, why: &str) -> Judgement {
        let letter = |item: &OutboxItem| DeadLetter {
            origin: Origin::Send(item.clone()),
            reason: why.to_owned(),
            at: self.now,
        };
        let dead = self.run.iter().map(letter).collect();
        let unreachable = matches!(reason, FailureReason::Blocked | FailureReason::Gone)
            && self.lane.channel == Channel::User;
        let learnt = unreachable.then_some(Learnt::Unreachable);
        let mut effects = Vec::new();
        let known = self.conversation.filter(|conversation| conversation.topic.id().is_some());
        if unreachable && known.is_some_and(|conversation| conversation.reachable) {
            effects.push(Tell::topic(Text::UserLeft, None));
            effects.push(Effect::Refresh);
        }
        let told = self.run.iter().filter_map(|item| self.failure_notice(item, reason));
        let before = effects.len();
        effects.extend(told);
        let counts = vec![Count::Failed(reason); effects.len() - before];
        Judgement { learnt, effects, dead, counts, ..Judgement::default() }
    }

    /// Tells operators that a send was given up, where they see it. A notice that cannot be delivered
    /// is not announced by another notice.
    fn failure_notice(&self, item: &OutboxItem, reason: FailureReason) -> Option<Effect> {
        let (Effect::Relay(Relay { from, message, .. }) | Effect::Edit(Edit { from, message, .. })) =
            &item.queued.effect
        else {
            return None;
        };
        let (audience, reply_to) = match reason {
            FailureReason::Topic => (Audience::Chat { chat: self.group, topic: None }, None),
            _ => (Audience::Topic, (*from == Side::Staff).then_some(*message)),
        };
        let action = ButtonAction::Retry(DeadId::of_send(item.seq));
        let buttons = vec![Button { label: Text::RetryButton, action }];
        Some(Effect::Tell(Tell {
            audience,
            text: Text::SendFailed { reason },
            reply_to,
            buttons,
            pin: false,
        }))
    }

    fn again(&self, hints: Hints) -> Judgement {
        Judgement { fate: Fate::Again(hints, None), ..Judgement::default() }
    }

    fn head(&self) -> Option<&Effect> {
        self.run.first().map(|item| &item.queued.effect)
    }
}

/// How operators are told.
fn reason(error: &SendError) -> FailureReason {
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
        | SendError::Migrated(_)
        | SendError::AlreadyDone
        | SendError::ReplyGone
        | SendError::QuoteInvalid
        | SendError::Refused(_) => FailureReason::Refused,
    }
}

/// A quarter of a second, doubled with each attempt up to half a minute, give or take a quarter.
fn back_off(attempts: u32) -> Duration {
    let base = Duration::from_millis(250) * 2_u32.pow(attempts.min(7));
    base.min(Duration::from_secs(30)).mul_f64(0.75 + 0.5 * fastrand::f64())
}
