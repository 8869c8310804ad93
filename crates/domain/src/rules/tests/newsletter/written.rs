//! The owner or an administrator begins a newsletter and writes it.

use std::time::Duration;

use crate::rules::tests::states::{NEWSLETTER, drafting, drafting_with, scene, sent, with};
use crate::rules::tests::{
    MessageId, NOW, Role, administrator, by, check, relayed, retired, text, uncopyable, user_wrote,
    when,
};
use crate::{
    AlbumId, Awaits, Body, Content, Conversation, DeskCommand, Draft, Effect, Event, Fact, Millis,
    NewsletterState, Panel, Side, Tell, Text, UrlButton, UserAct,
};

const SHOWN: Effect = Effect::Panel(Panel::Draft);
/// A day, after which a draft is forgotten.
const DAY: Duration = Duration::from_hours(24);

fn draft(conversation: &mut Conversation) -> &mut Draft {
    conversation.authoring.draft.as_mut().unwrap()
}

fn asks() -> Event {
    administrator(UserAct::Commanded(DeskCommand::Newsletter))
}

fn author_wrote(content: Content) -> Event {
    administrator(UserAct::Wrote(content))
}

/// Message 41 with these words.
fn words(words: &str) -> Content {
    let body = Body { text: words.to_owned(), entities: None, preview: None, media: None };
    Content { body: Some(body), ..text(41) }
}

fn piece(message: i64) -> Content {
    Content { album: Some(AlbumId("album".to_owned())), ..text(message) }
}

fn link() -> UrlButton {
    UrlButton { label: "Shop".to_owned(), url: "https://example.org".to_owned() }
}

fn links(draft: &mut Draft) {
    draft.awaits = Awaits::Links;
}

fn time(draft: &mut Draft) {
    draft.awaits = Awaits::Time;
}

/// A start this many minutes from now.
fn minutes(minutes: i64) -> Millis {
    Millis(NOW.0 + minutes * 60_000)
}

#[test]
fn the_command_shows_all_panels() {
    check([
        when("the open draft moves to the end of the chat", drafting(), asks())
            .stores(|c| draft(c).panel = None)
            .effects([retired(50), SHOWN]),
        when("a draft that awaited buttons accepts content again", drafting_with(links), asks())
            .stores(|c| {
                draft(c).panel = None;
                draft(c).awaits = Awaits::Content;
            })
            .effects([retired(50), SHOWN]),
        when(
            "a draft that is a day old is forgotten",
            drafting_with(|draft| draft.since = NOW.before(DAY)),
            asks(),
        )
        .stores(|c| c.authoring.draft = Some(Draft::new(NOW)))
        .effects([SHOWN]),
        when("a newsletter in progress comes first", sent(NewsletterState::Running), asks())
            .stores(|c| {
                c.authoring.draft = Some(Draft::new(NOW));
                c.authoring.newsletters[0].panel = None;
            })
            .effects([retired(50), Effect::Panel(Panel::Newsletter(NEWSLETTER)), SHOWN]),
        when("a newsletter that has ended stays where it is", sent(NewsletterState::Over), asks())
            .stores(|c| c.authoring.draft = Some(Draft::new(NOW)))
            .effects([SHOWN]),
    ]);
}

#[test]
fn messages_of_the_author_belong_to_the_draft() {
    check([
        when("a message becomes the content", drafting(), author_wrote(text(41)))
            .stores(|c| {
                draft(c).letter.messages = vec![MessageId(41)];
                draft(c).panel = None;
            })
            .effects([retired(50), SHOWN]),
        when("the same for the owner", drafting(), by(Role::Owner, UserAct::Wrote(text(41))))
            .stores(|c| {
                draft(c).letter.messages = vec![MessageId(41)];
                draft(c).panel = None;
            })
            .effects([retired(50), SHOWN]),
        when(
            "a forwarded message is forwarded, and has no buttons",
            drafting_with(|draft| draft.letter.links = vec![link()]),
            author_wrote(Content { forwarded: true, ..text(41) }),
        )
        .stores(|c| {
            draft(c).letter.messages = vec![MessageId(41)];
            draft(c).letter.forward = true;
            draft(c).letter.links.clear();
            draft(c).panel = None;
        })
        .effects([retired(50), SHOWN]),
        when(
            "the first piece of an album replaces earlier content",
            drafting(),
            author_wrote(piece(41)),
        )
        .stores(|c| {
            draft(c).letter.messages = vec![MessageId(41)];
            draft(c).letter.album = Some(AlbumId("album".to_owned()));
            draft(c).panel = None;
        })
        .effects([retired(50), SHOWN]),
        when(
            "the next piece is added, under the same panel",
            drafting_with(|draft| draft.letter.album = Some(AlbumId("album".to_owned()))),
            author_wrote(piece(41)),
        )
        .stores(|c| draft(c).letter.messages = vec![MessageId(40), MessageId(41)])
        .effects([SHOWN]),
        when(
            "a message that bots cannot copy is refused",
            drafting(),
            author_wrote(uncopyable(41)),
        )
        .effects([Tell::user(Text::NewsletterUnsendable)]),
        when(
            "a message instead of the confirmation replaces earlier content",
            drafting_with(|draft| draft.awaits = Awaits::Confirmation),
            author_wrote(text(41)),
        )
        .stores(|c| {
            draft(c).letter.messages = vec![MessageId(41)];
            draft(c).awaits = Awaits::Content;
            draft(c).panel = None;
        })
        .effects([retired(50), SHOWN]),
        when(
            "a draft without a panel yet",
            drafting_with(|draft| draft.panel = None),
            author_wrote(text(41)),
        )
        .stores(|c| draft(c).letter.messages = vec![MessageId(41)])
        .effects([SHOWN]),
        when(
            "a draft less than a day old is open",
            drafting_with(|draft| draft.since = Millis(NOW.before(DAY).0 + 1)),
            author_wrote(text(41)),
        )
        .stores(|c| {
            draft(c).letter.messages = vec![MessageId(41)];
            draft(c).panel = None;
        })
        .effects([retired(50), SHOWN]),
    ]);
}

#[test]
fn a_message_outside_a_draft_goes_to_the_operators() {
    fn written(conversation: &mut Conversation) {
        conversation.waiting_since = Some(NOW);
        conversation.firsts.message = true;
    }
    let copied = || Effect::Relay(relayed(Side::User, 41));
    check([
        when(
            "a draft that is a day old accepts no content",
            drafting_with(|draft| draft.since = NOW.before(DAY)),
            author_wrote(text(41)),
        )
        .stores(written)
        .effects([copied()])
        .facts([Fact::Opened]),
        when(
            "an author who is no longer an administrator is a user",
            drafting(),
            user_wrote(text(41)),
        )
        .stores(written)
        .effects([copied()])
        .facts([Fact::Opened]),
        when(
            "an administrator without a draft is a user",
            sent(NewsletterState::Running),
            author_wrote(text(41)),
        )
        .stores(written)
        .effects([copied()])
        .facts([Fact::Opened]),
    ]);
}

#[test]
fn buttons_are_written() {
    let wrong = || [Tell::user(Text::NewsletterLinksWrong)];
    check([
        when(
            "buttons are parsed",
            drafting_with(links),
            author_wrote(words("Shop - https://example.org")),
        )
        .stores(|c| {
            draft(c).letter.links = vec![link()];
            draft(c).awaits = Awaits::Content;
            draft(c).panel = None;
        })
        .effects([retired(50), SHOWN]),
        when(
            "invalid buttons are asked for again",
            drafting_with(links),
            author_wrote(words("Shop")),
        )
        .effects(wrong()),
        when(
            "a message without text is not a button",
            drafting_with(links),
            author_wrote(text(41)),
        )
        .effects(wrong()),
    ]);
}

fn starts_in(conversation: &mut Conversation, from_now: i64) {
    let draft = draft(conversation);
    (draft.at, draft.awaits, draft.panel) = (Some(minutes(from_now)), Awaits::Content, None);
}

#[test]
fn the_time_of_the_start_is_written() {
    let wrong = || [Tell::user(Text::NewsletterTimeWrong)];
    let awaiting = || drafting_with(time);
    let in_moscow = || with(awaiting(), |it| it.welcome.zone = Some("Europe/Moscow".to_owned()));
    // 14:13 in UTC, and three hours later in Moscow.
    let clocks = [853, 1_033];
    let read = |name, before, written: &str, change: fn(&mut Conversation)| {
        when(name, before, author_wrote(words(written)))
            .stores(change)
            .effects([retired(50), SHOWN])
    };
    check([
        read("without a time zone, a time is in UTC", awaiting(), "15:00", |c| {
            starts_in(c, 47);
        }),
        read("in the first time zone of the welcome", awaiting(), "15:00", |c| starts_in(c, 47))
            .with_scene(scene())
            .at_minutes(clocks),
        read("in the author's own time zone", in_moscow(), "18:00", |c| starts_in(c, 47))
            .with_scene(scene())
            .at_minutes(clocks),
        read("in a time zone behind UTC", awaiting(), "21.09 18:00", |c| {
            starts_in(c, 407);
        })
        .with_scene(scene())
        .at_minutes([853 - 180, 0]),
        read("in the time zone furthest ahead", awaiting(), "22.09 05:00", |c| {
            starts_in(c, 47);
        })
        .with_scene(scene())
        .at_minutes([853 + 840 - 1_440, 0]),
        read("after the clocks are changed", awaiting(), "22.09 15:00", |c| starts_in(c, 1_427))
            .with_scene(scene())
            .clocks_change(clocks, Millis(NOW.0 + 3_600_000), 60),
        read("the last moment of the 90 days", awaiting(), "20.12.2026 14:13", |c| {
            starts_in(c, 90 * 1_440);
        }),
        read("the next minute", awaiting(), "21.09.2026 14:14", |c| starts_in(c, 1)),
        when("a minute more than 90 days", awaiting(), author_wrote(words("20.12.2026 14:14")))
            .effects(wrong()),
        when("this very moment is too late", awaiting(), author_wrote(words("21.09.2026 14:13")))
            .effects(wrong()),
        when(
            "an author who writes an invalid time counts as active today",
            Conversation { since: Millis(0), ..awaiting() },
            author_wrote(words("tomorrow")),
        )
        .stores(|c| c.last_seen = Some(Millis(NOW.0 - NOW.0 % 86_400_000)))
        .effects(wrong()),
        when("an invalid time is asked for again", awaiting(), author_wrote(words("tomorrow")))
            .effects(wrong()),
        when("a message without text is not a time", awaiting(), author_wrote(text(41)))
            .effects(wrong()),
    ]);
}
