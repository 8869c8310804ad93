//! The tables that specify the rules: a row is an event, the state before it, and the complete decision.
//!
//! A row without a change expects that nothing is stored, a row without effects expects none, and so on. A row
//! therefore also excludes everything that it does not mention.

mod buttons;
mod desk_commands;
mod dispatch;
mod newsletter;
mod staff;
mod states;
mod user;
mod welcome;

use super::{Context, Pace, decide};
use crate::{
    CallbackId, Content, ContentKind, Conversation, DeadId, Decision, Effect, Elsewhere, Event,
    Fact, Fingerprint, GroupKey, HoldTimes, Language, LinkRows, MessageId, Millis, Opaque, Press,
    Profile, Relay, Role, Scene, Side, StaffAct, StaffEvent, Text, TopicId, Transfer, UrlButton,
    UserAct, UserEvent, UserId, Zones,
};

/// 2026-09-21 14:13 UTC: a whole minute, because people write moments without seconds.
const NOW: Millis = Millis(1_789_999_980_000);
const USER: UserId = UserId(7);
const TOPIC: TopicId = TopicId(70);
/// The update as Telegram sent it, in rows with a tracker.
const UPDATE: &str = r#"{"update_id":1}"#;

/// Number of the user's writes that wait, in rows in which an operator drops them.
const WAITING: u32 = 37;

/// What the clocks of the scene's time zones show now.
#[derive(Debug, Default)]
struct Clocks {
    minutes: Vec<u16>,
    /// The clocks are put forward by so many minutes, at this moment.
    later: Option<(Millis, i32)>,
}

impl Zones for Clocks {
    fn offset(&self, zone: usize, at: Millis) -> i32 {
        let Some(minute) = self.minutes.get(zone) else { return 0 };
        let ahead = (i32::from(*minute) - i32::from(NOW.minute_of_day(0))).rem_euclid(1_440);
        // Offsets of the world's time zones range from -12 to +14 hours.
        let ahead = if ahead > 840 { ahead - 1_440 } else { ahead };
        ahead + self.later.filter(|(from, _)| at >= *from).map_or(0, |(_, by)| by)
    }
}

/// A row of a table.
struct Row {
    name: &'static str,
    before: Option<Box<Conversation>>,
    event: Event,
    scene: Option<Scene>,
    zones: Clocks,
    language: Language,
    tracked: bool,
    pace: Option<Pace>,
    rush: bool,
    change: Option<fn(&mut Conversation)>,
    expected: Box<Decision>,
}

/// Begins a row: its name, the state before, and the event.
fn when(name: &'static str, before: impl Into<Option<Conversation>>, event: Event) -> Row {
    Row {
        name,
        before: before.into().map(Box::new),
        event,
        scene: None,
        zones: Clocks::default(),
        language: Language::English,
        tracked: false,
        pace: None,
        rush: false,
        change: None,
        expected: Box::default(),
    }
}

impl Row {
    /// The owner has written this welcome.
    fn with_scene(self, scene: Scene) -> Self {
        Self { scene: Some(scene), ..self }
    }

    /// Many new users write.
    fn in_a_rush(self) -> Self {
        Self { rush: true, ..self }
    }

    /// The minute of the day in each time zone of the welcome.
    /// The clocks show these minutes of the day now, and are put forward at this moment.
    fn clocks_change(self, now: impl Into<Vec<u16>>, at: Millis, by: i32) -> Self {
        Self { zones: Clocks { minutes: now.into(), later: Some((at, by)) }, ..self }
    }

    fn at_minutes(self, minutes: impl Into<Vec<u16>>) -> Self {
        Self { zones: Clocks { minutes: minutes.into(), later: None }, ..self }
    }

    /// The language for users whose own language is unknown.
    fn by_default_in(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// A tracker is configured.
    fn tracked(self) -> Self {
        Self { tracked: true, ..self }
    }

    /// The user writes slower or faster than the rate.
    fn over_rate(self, over_rate: bool) -> Self {
        Self { pace: Some(Pace { over_rate, times: HoldTimes::default() }), ..self }
    }

    /// The effects in the topic are held until this moment.
    fn held_until(mut self, until: Millis) -> Self {
        self.expected.hold_until = Some(until);
        self
    }

    /// The holds up to this moment end.
    fn releases(mut self, until: Millis) -> Self {
        self.expected.release = Some(until);
        self
    }

    /// The conversation is stored with this change. If there was none, a new conversation with this change is stored.
    fn stores(self, change: fn(&mut Conversation)) -> Self {
        Self { change: Some(change), ..self }
    }

    /// The new conversation is stored unchanged.
    fn stores_the_new(self) -> Self {
        self.stores(|_| {})
    }

    fn effects(mut self, effects: impl Into<Vec<Effect>>) -> Self {
        self.expected.effects = effects.into();
        self
    }

    fn facts(mut self, facts: impl Into<Vec<Fact>>) -> Self {
        self.expected.facts = facts.into();
        self
    }

    fn retries(mut self, dead: DeadId) -> Self {
        self.expected.retries = vec![dead];
        self
    }

    /// The decision counts as nothing to do.
    fn ignored(mut self) -> Self {
        self.expected.ignored = true;
        self
    }
}

/// Decides each row and compares the complete decision.
fn check(rows: impl IntoIterator<Item = Row>) {
    for row in rows {
        let ctx = Context {
            now: NOW,
            scene: row.scene.as_ref(),
            zones: Some(&row.zones),
            language: row.language,
            tracked: row.tracked.then_some(UPDATE),
            pace: row.pace,
            waiting: WAITING,
            rush: row.rush,
        };
        let name = row.name;
        let before = row.before.map(|before| *before);
        let mut expected = *row.expected;
        expected.next = row.change.map(|change| {
            let mut next =
                before.clone().unwrap_or_else(|| Conversation::new(USER, profile(), NOW));
            change(&mut next);
            next
        });
        assert!(
            before.is_none() || expected.next != before,
            "{name}: the change in the row has no effect"
        );
        assert_eq!(decide(row.event, before, &ctx), expected, "{name}");
    }
}

fn profile() -> Profile {
    let (username, language_code) = (Some("ada".to_owned()), Some("en".to_owned()));
    Profile { name: "Ada".to_owned(), username, language_code }
}

/// An event: the user acts.
fn user(act: UserAct) -> Event {
    by(Role::User, act)
}

/// An event: the user, who has this role, acts.
fn by(role: Role, act: UserAct) -> Event {
    Event::User(UserEvent { user: USER, role, profile: profile(), thread: None, act })
}

/// An event: the user acts in this topic of the private chat.
fn in_thread(thread: i64, act: UserAct) -> Event {
    let (role, thread) = (Role::User, Some(TopicId(thread)));
    Event::User(UserEvent { user: USER, role, profile: profile(), thread, act })
}

fn administrator(act: UserAct) -> Event {
    by(Role::Administrator, act)
}

fn user_wrote(content: Content) -> Event {
    user(UserAct::Wrote(content))
}

/// An event: the user presses a button under message 50.
fn user_pressed(press: Press) -> Event {
    user(UserAct::Pressed { callback: callback(), message: Some(MessageId(50)), press })
}

/// An event: an operator acts in the user's topic.
fn operator(act: StaffAct) -> Event {
    Event::Staff(StaffEvent { group: GroupKey::FIRST, topic: Some(TOPIC), operator: None, act })
}

fn operator_wrote(content: Content) -> Event {
    operator(StaffAct::Wrote(content))
}

fn callback() -> CallbackId {
    CallbackId("press".to_owned())
}

fn thumb() -> Opaque {
    Opaque(r#"{"type":"emoji","emoji":"👍"}"#.to_owned())
}

/// A text message that only needs copying.
fn text(message: i64) -> Content {
    Content {
        message: MessageId(message),
        kind: ContentKind::Text,
        transfer: Transfer::Copy,
        album: None,
        reply: None,
        fingerprint: Fingerprint { text: 11, media: 12 },
        body: None,
        own_phone: false,
        forwarded: false,
        elsewhere: None,
        links: Vec::new(),
    }
}

/// A message that Telegram does not let bots copy.
fn uncopyable(message: i64) -> Content {
    Content { kind: ContentKind::PaidMedia, transfer: Transfer::Notice, ..text(message) }
}

/// A post of a public channel.
fn elsewhere() -> Elsewhere {
    Elsewhere {
        names: vec!["News".to_owned()],
        link: Some("https://t.me/news/5".to_owned()),
        quote: Some("in stock".to_owned()),
    }
}

/// A button of an inline bot.
fn links() -> LinkRows {
    vec![vec![UrlButton { label: "Open".to_owned(), url: "https://example.org".to_owned() }]]
}

/// The relay of `text(message)` to the other side.
fn relayed(from: Side, message: i64) -> Relay {
    let Content { message, kind, transfer, fingerprint, .. } = text(message);
    Relay::new(from, message, kind, transfer, fingerprint)
}

/// The answer to the user's button press.
fn answered(text: impl Into<Option<Text>>) -> Effect {
    Effect::Answer { callback: callback(), side: Side::User, text: text.into() }
}

/// The removal of the buttons from a message in the user's chat.
fn retired(message: i64) -> Effect {
    Effect::RetireButtons { side: Side::User, message: MessageId(message) }
}
