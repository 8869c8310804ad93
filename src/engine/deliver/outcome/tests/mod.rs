//! The table of outcomes: call x answer x hints -> next step. Each row compares the whole outcome.

mod failure;
mod former;
mod give_up;
mod broken;
mod cosmetic;
mod lost;
mod fallback;
mod stuck;
mod success;

use std::time::Duration;

use domain::{
    Audience, Body, Button, ButtonAction, Channel, ChatId, ContentKind, Conversation, DeadId, Edit,
    Effect, FailureReason, Fingerprint, GroupChats, Language, Link, MessageId, Millis, OutboxLane,
    Profile, Relay, Seq, Side, Tell, Text, Topic, TopicId, Transfer, UpdateId, UrlButton, UserId,
};
use ports::{Address, Call, DeadLetter, Keys, Origin, OutboxItem, Queued, Resolved, SendError};

use super::{Attempt, NextStep, Outcome};
use crate::engine::{deliver::plan::Then, lanes::Hints};

const USER: UserId = UserId(5);
const GROUP: ChatId = ChatId(-100);
const TOPIC: TopicId = TopicId(7);
const NOW: Millis = Millis(1_000);
/// The original message.
const WRITTEN: MessageId = MessageId(11);
/// Its copy on the other side.
const COPY: MessageId = MessageId(21);

/// A conversation with an open topic and a reachable user.
fn known() -> Conversation {
    let profile = Profile { name: "Ada".to_owned(), username: None, language_code: None };
    let mut conversation = Conversation::new(USER, profile, Millis(0));
    conversation.topic.current = Topic::Open(TOPIC);
    conversation.language = Some(Language::English);
    conversation
}

fn relay(from: Side) -> Effect {
    piece(from, WRITTEN)
}

fn piece(from: Side, message: MessageId) -> Effect {
    Effect::Relay(Relay::new(
        from,
        message,
        ContentKind::Text,
        Transfer::Copy,
        Fingerprint { text: 1, media: 2 },
    ))
}

fn edit(from: Side) -> Effect {
    Effect::Edit(Edit {
        from,
        message: WRITTEN,
        kind: ContentKind::Text,
        transfer: Transfer::Copy,
        fingerprint: Fingerprint { text: 3, media: 2 },
        former: None,
        body: Body { text: "new".to_owned(), entities: None, preview: None, media: None },
        links: Vec::new(),
    })
}

fn link(origin: Side) -> Link {
    let (user_message, staff_message) = match origin {
        Side::User => (WRITTEN, COPY),
        Side::Staff => (COPY, WRITTEN),
    };
    let fingerprint = Fingerprint { text: 1, media: 2 };
    Link { user: USER, user_message, staff_message, origin, fingerprint, at: NOW }
}

/// A copy into the topic, or into the private chat.
fn copy(to: Side) -> Call {
    let (group, private) = (
        Address { chat: GROUP, topic: Some(TOPIC) },
        Address { chat: ChatId(USER.0), topic: None },
    );
    let (to, from) = match to {
        Side::Staff => (group, private.chat),
        Side::User => (private, group.chat),
    };
    Call::Copy { to, from, message: WRITTEN, reply: None, links: Vec::new() }
}

/// The same message as a forward.
fn forward(to: Side) -> Call {
    let Call::Copy { to, from, message, .. } = copy(to) else { panic!("a copy") };
    Call::Forward { to, from, message }
}

/// A copy in reply to another message.
fn copied_in_reply(to: Side) -> Call {
    let Call::Copy { to, from, message, .. } = copy(to) else { panic!("a copy") };
    let reply = Some(Resolved { to: COPY, quote: None });
    Call::Copy { to, from, message, reply, links: Vec::new() }
}

/// A copy with the buttons of an inline bot.
fn copied_with_buttons(to: Side) -> Call {
    let Call::Copy { to, from, message, reply, .. } = copy(to) else { panic!("a copy") };
    let link = UrlButton { label: "Open".to_owned(), url: "https://example.org".to_owned() };
    Call::Copy { to, from, message, reply, links: vec![vec![link]] }
}

fn say(chat: ChatId, topic: Option<TopicId>) -> Call {
    Call::Say { to: Address { chat, topic }, html: String::new(), reply: None, keys: Keys::new() }
}

fn unavailable(perhaps_done: bool) -> SendError {
    SendError::Unavailable { why: "it is down".to_owned(), perhaps_done }
}

fn item(seq: i64, channel: Channel, effect: Effect) -> OutboxItem {
    let lane = OutboxLane { user: USER, channel };
    let queued =
        Queued { lane, effect, cause: UpdateId(1), received: Millis(900), not_before: None };
    OutboxItem { seq: Seq(seq), queued }
}

/// The sends of one call, and the state when its answer arrives.
struct Situation {
    channel: Channel,
    effects: Vec<Effect>,
    hints: Hints,
    conversation: Option<Conversation>,
    switched_off: bool,
    others_succeed: bool,
}

impl Situation {
    /// One send of a conversation with an open topic, at its first attempt.
    fn one(channel: Channel, effect: Effect) -> Self {
        let (effects, hints) = (vec![effect], Hints::default());
        let conversation = Some(known());
        Self { channel, effects, hints, conversation, switched_off: false, others_succeed: false }
    }

    /// A user's message to the topic.
    fn from_user() -> Self {
        Self::one(Channel::Topic, relay(Side::User))
    }

    /// An operator's message to the user.
    fn from_operator() -> Self {
        Self::one(Channel::User, relay(Side::Staff))
    }

    fn hinted(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// Other calls succeed meanwhile.
    fn while_others_succeed(mut self) -> Self {
        self.others_succeed = true;
        self
    }

    /// The group was found to have no topics now.
    fn switched_off(mut self) -> Self {
        self.switched_off = true;
        self
    }

    fn batch(&self) -> Vec<OutboxItem> {
        let numbered = (1..).zip(&self.effects);
        numbered.map(|(seq, effect)| item(seq, self.channel, effect.clone())).collect()
    }

    fn outcome(&self, interpret: impl FnOnce(&Attempt<'_>) -> Outcome) -> Outcome {
        let (batch, lane) = (self.batch(), OutboxLane { user: USER, channel: self.channel });
        let conversation = self.conversation.as_ref();
        let Self { hints, switched_off, others_succeed, .. } = *self;
        interpret(&Attempt {
            lane,
            batch: &batch,
            hints,
            conversation,
            groups: &GroupChats::of_one(GROUP),
            now: NOW,
            switched_off,
            others_succeed,
        })
    }

    fn failed(&self, call: &Call, then: Then, error: &SendError) -> Outcome {
        self.outcome(|case| case.failed(call, then, error))
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself has only one lifetime"
    )]
    fn panicked(&self) -> Outcome {
        self.outcome(|case| case.panicked())
    }

    /// All sends of the call, as dead letters.
    fn dead_letters(&self, why: &str) -> Vec<DeadLetter> {
        let letter = |item| {
            let origin = Origin::Send(item);
            DeadLetter { origin, reason: why.to_owned(), at: NOW }
        };
        self.batch().into_iter().map(letter).collect()
    }
}

/// The notice about a send that was given up.
fn notice(seq: i64, reason: FailureReason, reply_to: Option<MessageId>) -> Effect {
    let action = ButtonAction::Retry(DeadId::of_send(Seq(seq)));
    // If the topic is unusable, the notice goes to General.
    let audience = if reason == FailureReason::Topic {
        Audience::Chat { chat: GROUP, topic: None }
    } else {
        Audience::Topic
    };
    // A refused call has been tried in every way, so there is no button to retry.
    let button = Button { label: Text::RetryButton, action };
    let buttons = if reason == FailureReason::Refused { vec![] } else { vec![button] };
    let text = Text::SendFailed { reason };
    Effect::Tell(Tell { audience, text, reply_to, buttons, pin: false })
}

/// Tried again at once, with these hints.
fn retry(hints: Hints) -> Outcome {
    Outcome { next_step: NextStep::Retry(hints, None), ..Outcome::default() }
}

/// The bot cannot work there now: its bucket is paused.
fn paused() -> Outcome {
    Outcome { next_step: NextStep::PauseBucket(Duration::from_secs(15)), ..Outcome::default() }
}

/// Done, without a notice.
fn skipped() -> Outcome {
    Outcome::default()
}
