//! The table of planning: effect x state x hints -> step. Each row compares the whole step.

mod additions;
mod desk;
mod dropped;
mod groups;
mod messages;
mod newsletters;
mod threads;

use std::time::Duration;

use domain::{
    AlbumId, Body, CallbackId, Content, ContentKind, Edit, Elsewhere, Former, GroupKey, HoldTimes,
    Learnt, LinkRows, Media, NewsletterCall, NewsletterContent, NewsletterId, NewsletterSend,
    Profile, Quote, Received, RecipientOutcome, Relay, Reply, Request, SceneLine, Seq, Transfer,
    UpdateId, UrlButton, UserId,
};
use ports::{Queued, Resolved};

use super::*;
use crate::engine::PacingLimits;

const USER: UserId = UserId(5);
const PRIVATE: ChatId = ChatId(5);
const GROUP: ChatId = ChatId(-100);
const SECOND_GROUP: ChatId = ChatId(-200);
const TOPIC: TopicId = TopicId(7);
const NOW: Millis = Millis(1_000);
const WRITTEN: MessageId = MessageId(11);
const COPY: MessageId = MessageId(21);
const CARD: MessageId = MessageId(70);
/// The state that a step is planned on.
struct State {
    conversation: Option<Conversation>,
    link: Option<Link>,
    doubtful: bool,
    stranger: bool,
    hints: Hints,
}

/// A conversation with an open topic that was seen recently; its card and name are up to date.
fn known() -> State {
    let profile = Profile { name: "Ada".to_owned(), username: None, language_code: None };
    let mut conversation = Conversation::new(USER, profile, Millis(0));
    conversation.language = Some(Language::English);
    conversation.topic.current = Topic::Open(TOPIC);
    conversation.topic.title = Some("Ada".to_owned());
    conversation.topic.card = Some(CARD);
    let hints = Hints::default();
    State { conversation: Some(conversation), link: None, doubtful: false, stranger: false, hints }
}

impl State {
    fn with(mut self, change: impl FnOnce(&mut Conversation)) -> Self {
        change(self.conversation.as_mut().unwrap());
        self
    }

    fn linked(mut self, origin: Side) -> Self {
        self.link = Some(link(origin));
        self
    }

    fn hinted(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    fn doubtful_topic(mut self) -> Self {
        self.doubtful = true;
        self
    }

    fn unknown(mut self) -> Self {
        self.conversation = None;
        self
    }

    fn step(&self, effects: Vec<Effect>) -> Step {
        let batch: Vec<OutboxItem> =
            (1..).zip(effects).map(|(seq, effect)| item(seq, effect)).collect();
        self.planned(|planner| planner.step(&batch, None))
    }

    fn planned<T>(&self, plan: impl FnOnce(&Planner<'_>) -> T) -> T {
        let texts = Texts::load(None).unwrap();
        let settings = settings();
        let mut groups = GroupChats::of_one(GROUP);
        groups.set(GroupKey::new(1).unwrap(), SECOND_GROUP);
        plan(&Planner {
            texts: &texts,
            settings: &settings,
            welcome: None,
            groups: &groups,
            now: NOW,
            lane: Effect::CloseTopic.lane(USER),
            hints: self.hints,
            conversation: self.conversation.as_ref(),
            link: self.link,
            doubtful: self.doubtful,
            stranger: self.stranger,
        })
    }
}

fn settings() -> DeskSettings {
    DeskSettings {
        topic_icon: Some("icon".to_owned()),
        operators_language: Language::English,
        default_language: Language::English,
        pacing: PacingLimits {
            overall_per_second: 30,
            private_per_second: 1,
            private_burst: 3,
            group: 20,
            group_period: Duration::from_mins(1),
        },
        send_concurrency: 1,
        album_window: Duration::ZERO,
        flood: 0,
        hold_times: HoldTimes::default(),
        inbox_limit: 1,
        administrators: Vec::new(),
        known_for: Duration::from_hours(24 * 30),
        link_retention: Duration::ZERO,
    }
}

fn item(seq: i64, effect: Effect) -> OutboxItem {
    let (lane, cause, received) = (effect.lane(USER), UpdateId(1), Millis(0));
    OutboxItem { seq: Seq(seq), queued: Queued { lane, effect, cause, received, not_before: None } }
}

fn link(origin: Side) -> Link {
    let (user_message, staff_message) = match origin {
        Side::User => (WRITTEN, COPY),
        Side::Staff => (COPY, WRITTEN),
    };
    let fingerprint = Fingerprint { text: 1, media: 2 };
    Link { user: USER, user_message, staff_message, origin, fingerprint, at: Millis(0) }
}

fn relay(from: Side, transfer: Transfer) -> Relay {
    let fingerprint = Fingerprint { text: 1, media: 2 };
    let (kind, message) = (ContentKind::Text, WRITTEN);
    Relay::new(from, message, kind, transfer, fingerprint)
}

fn copied(from: Side) -> Effect {
    Effect::Relay(relay(from, Transfer::Copy))
}

fn quote() -> Quote {
    Quote { text: "parcel".to_owned(), entities: None, position: None }
}

fn answering(from: Side) -> Effect {
    let reply = Some(Reply { to: MessageId(9), quote: Some(quote()) });
    Effect::Relay(Relay { reply, ..relay(from, Transfer::Copy) })
}

fn body(media: bool) -> Body {
    let kind = || Media {
        kind: "photo".to_owned(),
        file: "f".to_owned(),
        spoiler: false,
        caption_above: false,
    };
    Body { text: "new".to_owned(), entities: None, preview: None, media: media.then(kind) }
}

fn edit(from: Side, now: Fingerprint, media: bool, transfer: Transfer) -> Effect {
    let (message, body, kind, fingerprint) = (WRITTEN, body(media), ContentKind::Text, now);
    let (links, former) = (Vec::new(), None);
    Effect::Edit(Edit { from, message, kind, transfer, body, fingerprint, links, former })
}

fn group() -> Address {
    Address { chat: GROUP, topic: Some(TOPIC) }
}

fn private() -> Address {
    Address { chat: PRIVATE, topic: None }
}

fn copy(to: Address, from: ChatId, reply: Option<Resolved>) -> Step {
    let links = Vec::new();
    Step::Call(Call::Copy { to, from, message: WRITTEN, reply, links }, Then::Relayed)
}

/// The buttons of an inline bot.
fn buttons() -> LinkRows {
    vec![vec![UrlButton { label: "Open".to_owned(), url: "https://example.org".to_owned() }]]
}

/// Telegram refused the copy with its reply or buttons.
fn bare() -> Hints {
    Hints { bare: true, ..Hints::default() }
}

fn check(rows: Vec<(&str, State, Effect, Step)>) {
    for (name, state, effect, expected) in rows {
        assert_eq!(state.step(vec![effect]), expected, "{name}");
    }
}
