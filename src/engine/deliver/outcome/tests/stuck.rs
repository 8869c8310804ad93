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
fn a_send_that_fails_for_a_minute_while_others_succeed_moves_to_the_stuck_lane() {
    let stuck = |reply_to| vec![Tell::topic(Text::Stuck, reply_to)];
    let opened = || Then::TopicOpened { title: "Ada".to_owned() };
    let user = |attempts| Situation::from_user().hinted(tried(attempts));
    let words =
        |channel| Situation::one(channel, Tell::topic(Text::UserLeft, None)).hinted(tried(8));
    let answer = || Situation::from_operator().hinted(tried(8)).while_others_succeed();
    for (name, situation, then, expected) in [
        ("a minute", user(8).while_others_succeed(), Then::Relayed, Some(stuck(None))),
        (
            "an answer: the notice replies to it",
            answer(),
            Then::Relayed,
            Some(stuck(Some(WRITTEN))),
        ),
        (
            "a notice gets no further notice",
            words(Channel::Topic).while_others_succeed(),
            Then::TextSent { pin: false },
            Some(Vec::new()),
        ),
        ("less than a minute", user(7).while_others_succeed(), Then::Relayed, None),
        ("Telegram is down", user(90), Then::Relayed, None),
        ("the topic cannot be opened", user(8).while_others_succeed(), opened(), None),
        ("the topic cannot be probed", user(8).while_others_succeed(), Then::Probed, None),
        (
            "a text in General",
            words(Channel::Desk).while_others_succeed(),
            Then::TextSent { pin: false },
            None,
        ),
    ] {
        let outcome = situation.failed(&copy(Side::Staff), then, &unavailable(false));
        match expected {
            Some(effects) => assert_eq!(outcome, moves(Channel::Stuck, effects), "{name}"),
            None => {
                assert!(matches!(outcome.next_step, NextStep::Retry(..)), "{name}: {outcome:?}");
            }
        }
    }
    let outcome = answer().failed(&copy(Side::User), Then::Relayed, &unavailable(true));
    assert_eq!(outcome.counts, [OutcomeEvent::PossibleRepeat]);
}

#[test]
fn a_stuck_send_is_tried_every_half_minute_and_delays_only_its_own_lane() {
    let stuck = || {
        Situation::one(Channel::Stuck, relay(Side::User)).hinted(tried(2)).while_others_succeed()
    };
    let every = Duration::from_secs(30);
    let outcome = stuck().failed(&copy(Side::Staff), Then::Relayed, &unavailable(false));
    assert_eq!(outcome.next_step, NextStep::Retry(tried(3), Some(every)));
    let wait = Duration::from_secs(7);
    let outcome = stuck().failed(&copy(Side::Staff), Then::Relayed, &SendError::Throttled(wait));
    assert_eq!(outcome.next_step, NextStep::Retry(tried(2), Some(wait)), "no bucket is frozen");
    assert!(NextStep::MoveTo(Channel::Stuck).settles(), "it has left its lane");
}

#[test]
fn a_stuck_send_without_a_topic_returns_to_its_own_lane() {
    for (side, channel) in [(Side::User, Channel::Topic), (Side::Staff, Channel::User)] {
        let situation = Situation::one(Channel::Stuck, relay(side));
        let return_to_own_lane = |case: &Attempt<'_>| case.return_to_own_lane();
        assert_eq!(situation.outcome(return_to_own_lane), moves(channel, Vec::new()));
    }
    // A notice past the topic's lane goes through it, if it must open the topic.
    let aside = Situation::one(Channel::Cosmetic, Tell::aside(Text::FloodDropped { count: 2 }));
    let return_to_own_lane = |case: &Attempt<'_>| case.return_to_own_lane();
    let outcome = aside.outcome(return_to_own_lane);
    assert_eq!(outcome, moves(Channel::Topic, Vec::new()));
}
