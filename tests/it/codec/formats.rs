//! Stored formats: all values can be read back, including those that earlier releases wrote.
//!
//! `tests/fixtures/codec/<what>.<format>.jsonl` holds one value a line, as the release with that format wrote it, in
//! the order of the lists below. These files are never edited: a new format gets a new file, and the old one must stay
//! readable.

use super::stored::{assert_conversations, assert_sends};
use domain::{
    AlbumId, Audience, Body, Button, ButtonAction, CallbackId, ChatId, ContentKind, Conversation,
    DeadId, Edit, Effect, Elsewhere, FailureReason, Fingerprint, Firsts, Language, Media,
    MessageId, Millis, Opaque, Profile, Quote, Relay, Reply, Request, Revision, SceneButton,
    SceneLine, ScenePosition, Side, Tell, Text, Topic, TopicId, Track, Transfer, UrlButton, UserId,
    WelcomeRun,
};
use support_bot::adapters::codec::{self, CodecError};

const EFFECTS: &str = include_str!("../../fixtures/codec/effects.1.jsonl");
const CONVERSATIONS: &str = include_str!("../../fixtures/codec/conversations.1.jsonl");
/// Also of format 1: values with the fields that the welcome added.
const WELCOMED: &str = include_str!("../../fixtures/codec/welcomed.1.jsonl");
/// Also of format 1: values with replies to messages in other chats, and with their buttons.
const BESIDE: &str = include_str!("../../fixtures/codec/beside.1.jsonl");
const SCENES: &str = include_str!("../../fixtures/codec/scenes.1.jsonl");
/// Also of format 1: values with reports to a tracker; sends, then conversations.
const TRACKED: &str = include_str!("../../fixtures/codec/tracked.1.jsonl");

#[test]
fn the_stored_format_of_sends_is_unchanged() {
    let written: Vec<_> = effects().iter().map(|one| codec::effect::encode(one).unwrap()).collect();
    assert_eq!(written, EFFECTS.lines().collect::<Vec<_>>(), "{}", written.join("\n"));
}

#[test]
fn sends_stored_by_earlier_releases_can_be_read() {
    let read: Vec<_> =
        EFFECTS.lines().map(|line| codec::effect::decode(1, line).unwrap()).collect();
    assert_eq!(read, effects());
}

#[test]
fn the_stored_format_of_conversations_is_unchanged() {
    let written: Vec<_> =
        conversations().iter().map(|one| codec::conversation::encode(one).unwrap()).collect();
    assert_eq!(written, CONVERSATIONS.lines().collect::<Vec<_>>(), "{}", written.join("\n"));
}

#[test]
fn conversations_stored_by_earlier_releases_can_be_read() {
    let read: Vec<_> = CONVERSATIONS
        .lines()
        .map(|line| codec::conversation::decode(1, UserId(7), Revision(3), line).unwrap())
        .collect();
    assert_eq!(read, conversations());
}

#[test]
fn the_stored_format_of_welcome_state_is_unchanged_and_readable() {
    assert_conversations(&WELCOMED.lines().collect::<Vec<_>>(), &welcome_states());
}

#[test]
fn the_stored_format_of_scene_lines_is_unchanged_and_readable() {
    assert_sends(&SCENES.lines().collect::<Vec<_>>(), &scenes());
}

#[test]
fn the_stored_format_of_tracker_reports_is_unchanged_and_readable() {
    let raw =
        "{ \"update_id\": 1,\n\"message\":{\"text\":\"/start \\u0416 \\\"x\\\"\"} }".to_owned();
    let reports = [Track::Update(Opaque(raw)), Track::Goal("пришёл".to_owned())].map(Effect::Track);
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let after =
        |message, phone| Conversation { firsts: Firsts { message, phone }, ..least.clone() };
    let conversations = [after(true, false), after(true, true)];
    let lines: Vec<&str> = TRACKED.lines().collect();
    assert_sends(&lines[..2], &reports);
    assert_conversations(&lines[2..], &conversations);
}

#[test]
fn the_stored_format_of_foreign_replies_and_links_is_unchanged_and_readable() {
    let link = |label: &str| UrlButton { label: label.to_owned(), url: "https://e.org".to_owned() };
    let links = vec![vec![link("A"), link("\"B\"")], vec![link("C")]];
    let names = vec!["Zoë".to_owned(), "News".to_owned()];
    let link = Some("https://t.me/news/5".to_owned());
    let full = Elsewhere { names, link, quote: Some("in\nstock".to_owned()) };
    let mut all = effects();
    all.truncate(4);
    for effect in &mut all {
        if let Effect::Relay(relay) = effect {
            relay.elsewhere = Some(full.clone());
            relay.links.clone_from(&links);
        } else if let Effect::Edit(edit) = effect {
            edit.links.clone_from(&links);
        }
    }
    all.extend(
        [full, Elsewhere::default()].map(|one| Tell::topic(Text::AnswersElsewhere(one), None)),
    );
    let written: Vec<_> = all.iter().map(|one| codec::effect::encode(one).unwrap()).collect();
    assert_eq!(written, BESIDE.lines().collect::<Vec<_>>(), "{}", written.join("\n"));
    let decoded = |line| codec::effect::decode(1, line).unwrap();
    assert_eq!(BESIDE.lines().map(decoded).collect::<Vec<_>>(), all);
}

#[test]
fn a_format_of_a_later_release_is_refused_by_its_number() {
    let error = codec::effect::decode(2, "{}").unwrap_err();
    assert_eq!(error, CodecError::Unknown { what: "a send", found: 2, known: 1 });
    assert_eq!(
        error.to_string(),
        "a send is stored in format 2, but this release reads formats up to 1"
    );
    assert!(codec::conversation::decode(0, UserId(1), Revision(1), "{}").is_err());
}

#[test]
fn a_decoding_error_does_not_quote_the_stored_value() {
    let error = codec::effect::decode(1, r#"{"relay":"my secret"}"#).unwrap_err();
    assert!(matches!(error, CodecError::Malformed { .. }));
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_text_message_is_stored_in_few_bytes() {
    let Some(first) = EFFECTS.lines().next() else { panic!("missing line") };
    assert!(first.len() < 130, "{} bytes", first.len());
}

fn conversations() -> Vec<Conversation> {
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let mut full = least.clone();
    full.profile = Profile {
        name: "Zoë \"Z\" 🦀".to_owned(),
        username: Some("zoe".to_owned()),
        language_code: Some("pt-br".to_owned()),
    };
    full.language = Some(Language::Russian);
    full.topic.current = Topic::Open(TopicId(12));
    full.topic.title = Some("Zoë".to_owned());
    full.topic.card = Some(MessageId(13));
    full.topic.card_hash = u32::MAX;
    full.moderation.banned = true;
    full.moderation.silent = true;
    full.moderation.silent_notice = Some(MessageId(14));
    full.reachable = false;
    full.waiting_since = Some(Millis(15));
    let mut closed = least.clone();
    closed.topic.current = Topic::Closed(TopicId(12));
    let english = Conversation { language: Some(Language::English), ..least.clone() };
    vec![least, full, closed, english]
}

fn welcome_states() -> Vec<Conversation> {
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let at = |position| {
        let mut it = least.clone();
        it.welcome.run = Some(WelcomeRun { number: u32::MAX, shape: 5, position });
        it
    };
    let mut full = at(ScenePosition::Waiting(6));
    full.welcome.due = Some(Millis(1 << 41));
    full.welcome.answers = [("heard", "online"), ("online", "social")]
        .map(|(question, answer)| (question.to_owned(), answer.to_owned()))
        .into();
    full.welcome.zone = Some("Asia/Omsk".to_owned());
    full.request = Some(Request { nth: 2, number: Some(41), closed: true });
    full.welcome.unseen = vec!["<b>Привет</b>\n\"{name}\"".to_owned(), String::new()];
    let request = Some(Request { nth: 1, number: None, closed: false });
    let asked = Conversation { request, ..at(ScenePosition::Asking(1)) };
    vec![full, asked, at(ScenePosition::Over)]
}

fn scenes() -> Vec<Effect> {
    let action = ButtonAction::Welcome { run: 2, step: 1, choice: 0 };
    let words = "Hello, <b>{name}</b>, No. {number}".to_owned();
    let plain = SceneLine { words, picture: None, buttons: Vec::new() };
    let full = SceneLine {
        picture: Some("example.png".to_owned()),
        buttons: vec![SceneButton { label: "В \"сети\"".to_owned(), action }],
        ..plain.clone()
    };
    let lines = vec![full.told(), plain.told()];
    let answers = vec![("heard".to_owned(), "online".to_owned())];
    let texts = [
        Text::WelcomeSaid { lines },
        Text::RequestNumber { number: 41 },
        Text::Answers { answers },
    ];
    let mut all = vec![Effect::Scene(plain), Effect::Scene(full)];
    all.extend(texts.map(|text| Tell::topic(text, None)));
    all
}

fn effects() -> Vec<Effect> {
    let plain = Relay::new(
        Side::User,
        MessageId(123_456),
        ContentKind::Text,
        Transfer::Copy,
        Fingerprint { text: u32::MAX, media: 0 },
    );
    let body = Body {
        text: "line\n\"quoted\"".to_owned(),
        entities: Some(Opaque(r#"[{"type":"bold"}]"#.to_owned())),
        preview: Some(Opaque("{}".to_owned())),
        media: Some(Media {
            kind: "photo".to_owned(),
            file: "f1".to_owned(),
            spoiler: true,
            caption_above: false,
        }),
    };
    let quote = Quote { text: "q".to_owned(), entities: body.entities.clone(), position: Some(4) };
    let bare = Body { text: String::new(), entities: None, preview: None, media: None };
    let full = Relay {
        from: Side::Staff,
        transfer: Transfer::Forward,
        reply: Some(Reply { to: MessageId(5), quote: Some(quote) }),
        album: Some(AlbumId("a1".to_owned())),
        body: Some(body.clone()),
        ..plain.clone()
    };
    let unquoted = Relay {
        reply: Some(Reply { to: MessageId(5), quote: None }),
        transfer: Transfer::Notice,
        ..plain.clone()
    };
    let edit = |body| {
        Effect::Edit(Edit {
            from: Side::Staff,
            message: MessageId(6),
            kind: ContentKind::Photo,
            transfer: Transfer::Copy,
            body,
            fingerprint: Fingerprint { text: 1, media: 2 },
            links: Vec::new(),
            former: None,
        })
    };
    let react =
        |reaction| Effect::React { from: Side::User, message: MessageId(8), reaction, late: false };
    let answer = |text| {
        let callback = CallbackId("c1".to_owned());
        Effect::Answer { callback, side: Side::Staff, text }
    };
    let mut all = vec![
        Effect::Relay(plain.clone()),
        Effect::Relay(full),
        Effect::Relay(unquoted),
        edit(body),
        edit(bare),
        react(Some(Opaque(r#"{"type":"emoji"}"#.to_owned()))),
        react(None),
        Effect::Erase { message: MessageId(9), command: MessageId(10), former: None },
        Effect::Pin { message: MessageId(11) },
        Effect::Unpin { message: MessageId(12) },
        Effect::CloseTopic,
        Effect::ReopenTopic,
        Effect::Refresh,
        answer(None),
        answer(Some(Text::TryingAgain)),
        Effect::RetireButtons { side: Side::Staff, message: MessageId(13) },
    ];
    all.extend(KINDS.map(|kind| Effect::Relay(Relay { kind, ..plain.clone() })));
    all.extend(texts().into_iter().map(|text| Tell::topic(text, None)));
    all.extend(tell_effects());
    all
}

fn tell_effects() -> Vec<Effect> {
    let chat = |topic| Audience::Chat { chat: ChatId(-100), topic };
    let button = |label, action| Button { label, action };
    let buttons = vec![
        button(Text::RetryButton, ButtonAction::Retry(DeadId(5))),
        button(Text::LanguageButton(Language::English), ButtonAction::Language(Language::English)),
    ];
    [Audience::User, Audience::Topic, chat(None), chat(Some(TopicId(3)))]
        .into_iter()
        .map(|audience| {
            let (text, reply_to) = (Text::Help, Some(MessageId(2)));
            Effect::Tell(Tell { audience, text, reply_to, buttons: buttons.clone(), pin: true })
        })
        .collect()
}

fn texts() -> Vec<Text> {
    let card = |username: Option<&str>, flag| Text::Card {
        name: "N".to_owned(),
        user: UserId(7),
        username: username.map(str::to_owned),
        language: Language::Russian,
        since: Millis(8),
        banned: flag,
        silent: flag,
        reachable: flag,
    };
    let ids = |topic| Text::Ids { chat: ChatId(-5), topic, user: UserId(7) };
    let mut all = vec![
        Text::Greeting { name: "N".to_owned() },
        Text::Help,
        Text::ChooseLanguage,
        Text::LanguageChosen,
        card(Some("n"), true),
        card(None, false),
        Text::Banned,
        Text::Unbanned,
        Text::SilentOn,
        Text::SilentOff,
        Text::Closed,
        Text::Reopened,
        Text::StaffHelp,
        Text::UnknownCommand,
        Text::NotCopied { kind: ContentKind::Poll },
        Text::EditedAnew,
        Text::UserLeft,
        Text::UserReturned,
        Text::SomeMissing { missing: 3 },
        Text::TryingAgain,
        Text::ButtonExpired,
        Text::Deleted,
        Text::NotDeleted,
        Text::DeleteWhat,
        Text::NothingToDelete,
        ids(Some(TopicId(6))),
        ids(None),
        Text::RetryButton,
        Text::LanguageButton(Language::English),
    ];
    all.extend(REASONS.map(|reason| Text::SendFailed { reason }));
    all
}

const REASONS: [FailureReason; 8] = [
    FailureReason::Blocked,
    FailureReason::Gone,
    FailureReason::NotCopyable,
    FailureReason::Vanished,
    FailureReason::CopyGone,
    FailureReason::Privacy,
    FailureReason::Topic,
    FailureReason::Refused,
];

const KINDS: [ContentKind; 26] = [
    ContentKind::Text,
    ContentKind::Photo,
    ContentKind::Video,
    ContentKind::Animation,
    ContentKind::Audio,
    ContentKind::Voice,
    ContentKind::VideoNote,
    ContentKind::Document,
    ContentKind::Sticker,
    ContentKind::Contact,
    ContentKind::Location,
    ContentKind::Venue,
    ContentKind::Poll,
    ContentKind::Dice,
    ContentKind::Story,
    ContentKind::Game,
    ContentKind::Checklist,
    ContentKind::PaidMedia,
    ContentKind::Invoice,
    ContentKind::Payment,
    ContentKind::Giveaway,
    ContentKind::Gift,
    ContentKind::Passport,
    ContentKind::Service,
    ContentKind::Protected,
    ContentKind::Other,
];
