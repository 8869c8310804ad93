//! Floods: what is held, for how long, and what operators decide about it.

use crate::rules::tests::states::{banned, known, open, waiting, with};
use crate::rules::tests::{
    NOW, TOPIC, USER, WAITING, callback, check, operator, relayed, text, thumb, user, user_pressed,
    user_wrote, when,
};
use crate::{
    AlbumId, Audience, Body, Button, ButtonAction, Content, Conversation, Edit, Effect, Event,
    Fact, Flood, FloodButton, FloodChoice, Hold, HoldTimes, MessageId, Millis, Press, Relay, Role,
    Side, StaffAct, StaffCommand, StaffEvent, Tell, Text, Topic, Transfer, UserAct, UserEvent,
};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// This many milliseconds from now.
fn at(millis: i64) -> Millis {
    Millis(NOW.0 + millis)
}

/// A flood with this many held writes; its last write was half a second ago, and its hold ends in three minutes.
fn flood(writes: u32) -> Flood {
    let hold = Hold { until: at(3 * MINUTE), writes };
    Flood { since: at(-2 * MINUTE), last: at(-500), hold, former: None, asked: false }
}

fn flooding(flood: Flood) -> Conversation {
    Conversation { flood: Some(flood), ..waiting() }
}

fn copied() -> Effect {
    Effect::Relay(relayed(Side::User, 5))
}

fn told() -> Effect {
    Tell::user(Text::FloodHeld)
}

fn begun() -> Flood {
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
    let notice = Content { transfer: Transfer::Notice, ..text(5) };
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
            .effects([Tell::topic(Text::NotCopied { kind: text(5).kind }, None), told()])
            .held_until(at(5 * MINUTE)),
    ]);
}

/// The question to operators, as of now.
fn question() -> Effect {
    let button = |label, choice| Button {
        label,
        action: ButtonAction::Flood(FloodButton { choice, asked: NOW }),
    };
    Effect::Tell(Tell {
        audience: Audience::Aside,
        text: Text::FloodAsks { limit: 200 },
        reply_to: None,
        buttons: vec![
            button(Text::FloodShowButton, FloodChoice::Show),
            button(Text::FloodDropButton, FloodChoice::Drop),
            button(Text::FloodBanButton, FloodChoice::Ban),
        ],
        pin: false,
    })
}

#[test]
fn past_two_hundred_held_writes_operators_are_asked_once() {
    let former = |until| Some(Hold { until, writes: 150 });
    check([
        when("two hundred are held", flooding(flood(199)), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| c.flood = Some(Flood { last: NOW, ..flood(200) }))
            .effects([copied()])
            .held_until(at(3 * MINUTE)),
        when("one more", flooding(flood(200)), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| c.flood = Some(Flood { last: NOW, asked: true, ..flood(201) }))
            .effects([copied(), question()])
            .held_until(at(3 * MINUTE)),
        when("and one more", flooding(Flood { asked: true, ..flood(201) }), user_wrote(text(5)))
            .over_rate(true)
            .stores(|c| c.flood = Some(Flood { last: NOW, asked: true, ..flood(202) }))
            .effects([copied()])
            .held_until(at(3 * MINUTE)),
        when(
            "the former hold counts until it ends",
            flooding(Flood { former: former(at(1)), ..flood(50) }),
            user_wrote(text(5)),
        )
        .over_rate(true)
        .stores(|c| {
            let former = Some(Hold { until: at(1), writes: 150 });
            c.flood = Some(Flood { last: NOW, asked: true, former, ..flood(51) });
        })
        .effects([copied(), question()])
        .held_until(at(3 * MINUTE)),
        when(
            "and not longer",
            flooding(Flood { former: former(NOW), ..flood(51) }),
            user_wrote(text(5)),
        )
        .over_rate(true)
        .stores(|c| c.flood = Some(Flood { last: NOW, ..flood(52) }))
        .effects([copied()])
        .held_until(at(3 * MINUTE)),
    ]);
}

fn pressed(choice: FloodChoice, asked: Millis) -> Event {
    let press = Press::Flood(FloodButton { choice, asked });
    operator(StaffAct::Pressed { callback: callback(), message: Some(MessageId(50)), press })
}

fn operator_answered(text: impl Into<Option<Text>>) -> Effect {
    Effect::Answer { callback: callback(), side: Side::Staff, text: text.into() }
}

fn settled() -> Flood {
    let hold = Hold { until: at(5 * MINUTE), writes: 0 };
    Flood { hold, former: None, asked: false, ..flood(0) }
}

#[test]
fn operators_show_drop_or_ban() {
    let asked = || flooding(Flood { asked: true, ..flood(201) });
    let gone = || Effect::RetireButtons { side: Side::Staff, message: MessageId(50) };
    let dropped = || Tell::aside(Text::FloodDropped { count: WAITING });
    let until = at(3 * MINUTE);
    let recently = at(-MINUTE);
    check([
        when("what waits is shown", asked(), pressed(FloodChoice::Show, recently))
            .over_rate(false)
            .stores(|c| c.flood = Some(settled()))
            .effects([operator_answered(Text::FloodShown), gone()])
            .releases(until),
        when("what waits is dropped", asked(), pressed(FloodChoice::Drop, recently))
            .over_rate(false)
            .stores(|c| {
                c.flood = Some(settled());
                c.dropped_until = Some(NOW);
            })
            .effects([operator_answered(None), gone(), dropped()])
            .releases(until),
        when("the user is banned", asked(), pressed(FloodChoice::Ban, recently))
            .over_rate(false)
            .stores(|c| {
                c.flood = None;
                c.dropped_until = Some(NOW);
                c.moderation.banned = true;
                c.waiting_since = None;
            })
            .effects([
                operator_answered(None),
                gone(),
                Tell::aside(Text::Banned),
                Effect::Refresh,
                dropped(),
            ])
            .releases(until),
        when("who is banned already stays so", banned(), pressed(FloodChoice::Ban, recently))
            .stores(|c| c.dropped_until = Some(NOW))
            .effects([operator_answered(None), gone(), dropped()]),
        when(
            "what still waits after the flood is dropped as well",
            open(),
            pressed(FloodChoice::Drop, at(-MINUTE * 59)),
        )
        .stores(|c| c.dropped_until = Some(NOW))
        .effects([operator_answered(None), gone(), dropped()]),
        when("an old button has expired", asked(), pressed(FloodChoice::Ban, at(-MINUTE * 60)))
            .effects([operator_answered(Text::ButtonExpired), gone()]),
        when("so has one in a topic without a user", None, pressed(FloodChoice::Drop, recently))
            .effects([operator_answered(Text::ButtonExpired), gone()]),
        when(
            "a user cannot press it",
            asked(),
            user_pressed(Press::Flood(FloodButton { choice: FloodChoice::Show, asked: recently })),
        )
        .effects([Effect::Answer {
            callback: callback(),
            side: Side::User,
            text: Some(Text::ButtonExpired),
        }]),
    ]);
}

#[test]
fn what_is_written_after_a_decision_is_held_on_its_own() {
    let before = flooding(settled());
    check([when("the next write", before, user_wrote(text(5)))
        .over_rate(true)
        .stores(|c| {
            let hold = Hold { until: at(5 * MINUTE), writes: 1 };
            c.flood = Some(Flood { last: NOW, hold, ..settled() });
        })
        .effects([copied()])
        .held_until(at(5 * MINUTE))]);
    let mut late = Flood { hold: Hold { until: at(5 * MINUTE), writes: 3 }, ..flood(0) };
    late.settle(NOW, HoldTimes::default());
    assert_eq!(late.hold, Hold { until: at(5 * MINUTE + 1), writes: 0 }, "later than before");
}

#[test]
fn operators_are_not_held() {
    let command =
        |command| operator(StaffAct::Commanded { command, message: MessageId(8), reply_to: None });
    let aside = |text| {
        let audience = Audience::Aside;
        let (reply_to, buttons) = (Some(MessageId(8)), Vec::new());
        Effect::Tell(Tell { audience, text, reply_to, buttons, pin: false })
    };
    let help = || command(StaffCommand::Help);
    let written = operator(StaffAct::Wrote(text(8)));
    let over = flooding(Flood { last: at(-MINUTE), ..flood(3) });
    check([
        when("an answer to a command goes past what is held", flooding(flood(3)), help())
            .over_rate(false)
            .effects([aside(Text::StaffHelp)]),
        when("after the flood it goes as ever", over, help())
            .over_rate(false)
            .effects([Tell::topic(Text::StaffHelp, Some(MessageId(8)))]),
        when("without a flood as well", open(), help())
            .over_rate(false)
            .effects([Tell::topic(Text::StaffHelp, Some(MessageId(8)))]),
        when("an operator's message goes to the user", flooding(flood(3)), written)
            .over_rate(true)
            .stores(|c| c.waiting_since = None)
            .effects([Effect::Relay(relayed(Side::Staff, 8))])
            .facts([Fact::Answered { after: NOW.since(crate::rules::tests::states::EARLIER) }]),
    ]);
}

#[test]
fn a_new_user_may_flood_too() {
    let profile = crate::rules::tests::profile();
    let (user, role, thread) = (USER, Role::User, None);
    let event =
        Event::User(UserEvent { user, role, profile, thread, act: UserAct::Wrote(text(5)) });
    let in_general = StaffEvent {
        topic: None,
        operator: None,
        act: StaffAct::Pressed {
            callback: callback(),
            message: None,
            press: Press::Flood(FloodButton { choice: FloodChoice::Show, asked: NOW }),
        },
    };
    check([
        when("a topic is opened for what was held", known(), event)
            .over_rate(true)
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
                c.flood = Some(begun());
            })
            .effects([copied(), told()])
            .facts([Fact::Opened])
            .held_until(at(5 * MINUTE)),
        when("a press outside of topics finds no user", None, Event::Staff(in_general))
            .effects([operator_answered(Text::ButtonExpired)]),
    ]);
}
