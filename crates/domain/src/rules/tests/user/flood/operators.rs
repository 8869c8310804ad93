//! What operators are asked about a flood, and what they decide; they are never held.

use super::held::{MINUTE, at, copied, flood, flooding};
use crate::rules::tests::states::{EARLIER, banned, open};
use crate::rules::tests::{
    NOW, WAITING, callback, check, operator, relayed, text, user_pressed, user_wrote, when,
};
use crate::{
    Audience, Button, ButtonAction, Effect, Event, Fact, Flood, FloodButton, FloodChoice, GroupKey,
    Hold, HoldTimes, MessageId, Millis, Press, Side, StaffAct, StaffCommand, StaffEvent, Tell,
    Text,
};

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
    let press = Press::Flood(FloodButton { choice: FloodChoice::Show, asked: recently });
    let act = StaffAct::Pressed { callback: callback(), message: None, press };
    let in_general = StaffEvent { group: GroupKey::FIRST, topic: None, operator: None, act };
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
        when("so has one outside of topics", None, Event::Staff(in_general))
            .effects([operator_answered(Text::ButtonExpired)]),
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
            .facts([Fact::Answered { after: NOW.since(EARLIER) }]),
    ]);
}
