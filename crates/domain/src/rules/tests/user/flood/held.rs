//! What a user writes faster than the rate is held.

use crate::rules::tests::states::{banned, known, waiting, with};
use crate::rules::tests::{
    NOW, TOPIC, USER, check, profile, relayed, text, thumb, uncopyable, user, user_wrote, when,
};
use crate::{
    AlbumId, Body, Content, Conversation, Edit, Effect, Event, Fact, Flood, Hold, Millis, Relay,
    Role, Side, Tell, Text, Topic, UserAct, UserEvent,
};

const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;

/// This many milliseconds from now.
pub(super) fn at(millis: i64) -> Millis {
    Millis(NOW.0 + millis)
}

/// A flood with this many held writes; its last write was half a second ago, and its hold ends in three minutes.
pub(super) fn flood(writes: u32) -> Flood {
    let hold = Hold { until: at(3 * MINUTE), writes };
    Flood { since: at(-2 * MINUTE), last: at(-500), hold, former: None, asked: false }
}

pub(super) fn flooding(flood: Flood) -> Conversation {
    Conversation { flood: Some(flood), ..waiting() }
}

pub(super) fn copied() -> Effect {
    Effect::Relay(relayed(Side::User, 5))
}

fn told() -> Effect {
    Tell::user(Text::FloodHeld)
}

pub(super) fn begun() -> Flood {
    let hold = Hold { until: at(5 * MINUTE), writes: 1 };
    Flood { since: NOW, last: NOW, hold, former: None, asked: false }
}

#[test]
fn the_first_write_past_the_rate_is_held_and_the_user_is_told_once() {
    check([
        when("nothing is held below the rate", waiting(), user_wrote(text(5)))
            .over_rate(false)
            .effects([copied()]),
        when("nothing is held if the rate is off", waiting(), user_wrote(text(5)))
            .effects([copied()]),
        when("past the rate a message is held", waiting(), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| c.flood = Some(begun()))
            .effects([copied(), told()])
            .held_until(at(5 * MINUTE)),
        when("so is the next one, without a word", flooding(flood(1)), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| {
                c.flood = Some(Flood { last: NOW, ..flood(2) });
            })
            .effects([copied()])
            .held_until(at(3 * MINUTE)),
        when(
            "a user who slows down has not paused",
            flooding(Flood { last: at(-59 * SECOND), ..flood(1) }),
            user_wrote(text(5)),
        )
        .over_rate(false)
        .stores(|c| c.flood = Some(Flood { last: NOW, ..flood(2) }))
        .effects([copied()])
        .held_until(at(3 * MINUTE)),
        when("without the rate the flood is over at once", flooding(flood(1)), user_wrote(text(5)))
            .stores(|c| c.flood = None)
            .effects([copied()]),
    ]);
}

#[test]
fn a_pause_ends_the_flood() {
    let paused = || flooding(Flood { last: at(-MINUTE), ..flood(30) });
    check([
        when("a minute without a write is a pause", paused(), user_wrote(text(5)))
            .over_rate(false)
            .stores(|c| c.flood = None)
            .effects([copied()]),
        when(
            "the next flood is another, and the user is told again",
            paused(),
            user_wrote(text(5)),
        )
        .over_rate(true)
        .stores(|c| c.flood = Some(begun()))
        .effects([copied(), told()])
        .held_until(at(5 * MINUTE)),
        when(
            "a flood is over with its last hold",
            flooding(Flood { hold: Hold { until: NOW, writes: 9 }, ..flood(9) }),
            user_wrote(text(5)),
        )
        .over_rate(false)
        .stores(|c| c.flood = None)
        .effects([copied()]),
    ]);
}

#[test]
fn a_hold_lasts_from_one_minute_to_five() {
    let ends_in = |millis: i64| Flood { hold: Hold { until: at(millis), writes: 90 }, ..flood(0) };
    check([
        when("a minute is left", flooding(ends_in(MINUTE)), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| {
                let hold = Hold { until: at(MINUTE), writes: 91 };
                c.flood = Some(Flood { last: NOW, hold, ..flood(0) });
            })
            .effects([copied()])
            .held_until(at(MINUTE)),
        when("less is left: a new hold begins", flooding(ends_in(MINUTE - 1)), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| {
                let hold = Hold { until: at(5 * MINUTE), writes: 1 };
                let former = Some(Hold { until: at(MINUTE - 1), writes: 90 });
                c.flood = Some(Flood { last: NOW, hold, former, ..flood(0) });
            })
            .effects([copied()])
            .held_until(at(5 * MINUTE)),
        when(
            "a user who has calmed down without a pause is not held anew",
            flooding(ends_in(MINUTE - 1)),
            user_wrote(text(5)),
        )
        .over_rate(false)
        .effects([copied()]),
        when(
            "a clock that was set back holds nothing for longer",
            flooding(ends_in(9 * MINUTE)),
            user_wrote(text(5)),
        )
        .over_rate(true)
        .stores(|c| {
            let hold = Hold { until: at(5 * MINUTE), writes: 1 };
            let former = Some(Hold { until: at(9 * MINUTE), writes: 90 });
            c.flood = Some(Flood { last: NOW, hold, former, ..flood(0) });
        })
        .effects([copied()])
        .held_until(at(5 * MINUTE)),
    ]);
}

#[test]
fn edits_reactions_and_albums_follow_what_is_held() {
    let body = || Body { text: "new".to_owned(), entities: None, preview: None, media: None };
    let edited = Content { body: Some(body()), ..text(5) };
    let Content { message, kind, transfer, fingerprint, .. } = text(5);
    let edit = Edit {
        from: Side::User,
        message,
        kind,
        transfer,
        body: body(),
        fingerprint,
        links: Vec::new(),
        former: None,
    };
    let reaction = Some(thumb());
    let react = Effect::React { from: Side::User, message, reaction: Some(thumb()), late: false };
    let album = || Some(AlbumId("a".to_owned()));
    let piece = Content { album: album(), ..text(5) };
    let counted = |c: &mut Conversation| c.flood = Some(Flood { last: NOW, ..flood(8) });
    let before = || flooding(flood(7));
    check([
        when("an edit", before(), user(UserAct::Edited(edited)))
            .over_rate(false)
            .stores(counted)
            .effects([Effect::Edit(edit)])
            .held_until(at(3 * MINUTE)),
        when("a reaction", before(), user(UserAct::Reacted { message, reaction }))
            .over_rate(true)
            .stores(counted)
            .effects([react])
            .held_until(at(3 * MINUTE)),
        when("a piece of an album", before(), user_wrote(piece))
            .over_rate(true)
            .stores(counted)
            .effects([Effect::Relay(Relay { album: album(), ..relayed(Side::User, 5) })])
            .held_until(at(3 * MINUTE)),
        when(
            "an edit that changes nothing for operators is not held",
            before(),
            user(UserAct::Edited(text(5))),
        )
        .over_rate(true)
        .ignored(),
        when("a command is not held", before(), user(UserAct::AskedForHelp))
            .over_rate(true)
            .effects([Tell::user(Text::Help)]),
        when("a banned user's flood is ignored", banned(), user_wrote(text(5)))
            .over_rate(true)
            .ignored(),
    ]);
}

#[test]
fn everything_that_goes_to_the_topic_with_the_message_is_held_with_it() {
    let closed = || with(waiting(), |it| it.topic.current = Topic::Closed(TOPIC));
    let notice = uncopyable(5);
    let kind = notice.kind;
    check([
        when("the reopening of the topic", closed(), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| {
                c.topic.current = Topic::Open(TOPIC);
                c.flood = Some(begun());
            })
            .effects([Effect::ReopenTopic, copied(), told()])
            .held_until(at(5 * MINUTE)),
        when("a notice of what cannot be copied", waiting(), user_wrote(notice))
            .over_rate(true)
            .stores(|c| c.flood = Some(begun()))
            .effects([Tell::topic(Text::NotCopied { kind }, None), told()])
            .held_until(at(5 * MINUTE)),
    ]);
}

#[test]
fn a_new_user_may_flood_too() {
    let (user, role, profile, thread) = (USER, Role::User, profile(), None);
    let event =
        Event::User(UserEvent { user, role, profile, thread, act: UserAct::Wrote(text(5)) });
    check([when("a topic is opened for what was held", known(), event)
        .over_rate(true)
        .stores(|c| {
            c.waiting_since = Some(NOW);
            c.firsts.message = true;
            c.flood = Some(begun());
        })
        .effects([copied(), told()])
        .facts([Fact::Opened])
        .held_until(at(5 * MINUTE))]);
}
