//! A send that keeps failing, while other calls succeed or while nothing does.

use domain::{Channel, Effect, Side, Tell, Text};

use super::*;
use crate::engine::deliver::outcome::OutcomeEvent;

fn tried(attempts: u32) -> Hints {
    Hints { attempts, ..Hints::default() }
}

fn moves(channel: Channel, effects: Vec<Effect>) -> Outcome {
    Outcome { effects, next_step: NextStep::MoveTo(channel), ..Outcome::default() }
}

#[test]
fn what_fails_for_a_minute_while_other_calls_succeed_lets_its_conversation_go_on() {
    let stuck = |reply_to| vec![Tell::topic(Text::Stuck, reply_to)];
    let opened = || Then::TopicOpened { title: "Ada".to_owned() };
    let user = |attempts| Situation::from_user().hinted(tried(attempts));
    let words =
        |channel| Situation::one(channel, Tell::topic(Text::UserLeft, None)).hinted(tried(8));
    let answer = || Situation::from_operator().hinted(tried(8)).while_others_go();
    for (name, given, then, expected) in [
        ("a minute", user(8).while_others_go(), Then::Relayed, Some(stuck(None))),
        (
            "an answer: the notice replies to it",
            answer(),
            Then::Relayed,
            Some(stuck(Some(WRITTEN))),
        ),
        (
            "a notice gets no further notice",
            words(Channel::Topic).while_others_go(),
            Then::Told { pin: false },
            Some(Vec::new()),
        ),
        ("less than a minute", user(7).while_others_go(), Then::Relayed, None),
        ("Telegram is down", user(90), Then::Relayed, None),
        ("the topic cannot be opened", user(8).while_others_go(), opened(), None),
        ("the topic cannot be probed", user(8).while_others_go(), Then::Probed, None),
        (
            "a text in General",
            words(Channel::Desk).while_others_go(),
            Then::Told { pin: false },
            None,
        ),
    ] {
        let judged = given.failed(&copy(Side::Staff), then, &unavailable(false));
        match expected {
            Some(effects) => assert_eq!(judged, moves(Channel::Stuck, effects), "{name}"),
            None => assert!(matches!(judged.next_step, NextStep::Retry(..)), "{name}: {judged:?}"),
        }
    }
    let judged = answer().failed(&copy(Side::User), Then::Relayed, &unavailable(true));
    assert_eq!(judged.counts, [OutcomeEvent::PossibleRepeat]);
}

#[test]
fn what_is_stuck_is_tried_every_half_minute_and_waits_for_its_own_lane_only() {
    let stuck =
        || Situation::one(Channel::Stuck, relay(Side::User)).hinted(tried(2)).while_others_go();
    let every = Duration::from_secs(30);
    let judged = stuck().failed(&copy(Side::Staff), Then::Relayed, &unavailable(false));
    assert_eq!(judged.next_step, NextStep::Retry(tried(3), Some(every)));
    let wait = Duration::from_secs(7);
    let judged = stuck().failed(&copy(Side::Staff), Then::Relayed, &SendError::Throttled(wait));
    assert_eq!(judged.next_step, NextStep::Retry(tried(2), Some(wait)), "no bucket is frozen");
    assert!(NextStep::MoveTo(Channel::Stuck).settles(), "it has left its lane");
}

#[test]
fn what_finds_no_topic_goes_home() {
    for (side, channel) in [(Side::User, Channel::Topic), (Side::Staff, Channel::User)] {
        let given = Situation::one(Channel::Stuck, relay(side));
        let goes_home = |case: &Attempt<'_>| case.goes_home();
        assert_eq!(given.judged(goes_home), moves(channel, Vec::new()));
    }
}
