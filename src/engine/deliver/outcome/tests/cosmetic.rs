//! Throttled cosmetic calls.

use super::*;
use crate::engine::deliver::outcome::OutcomeEvent;

#[test]
fn throttled_cosmetic_calls_delay_no_messages() {
    let wait = Duration::from_secs(30);
    let react = |late| Effect::React { from: Side::User, message: WRITTEN, reaction: None, late };
    let counts = || vec![OutcomeEvent::Flood(wait)];
    let frozen =
        || Outcome { next_step: NextStep::Throttled(wait), counts: counts(), ..Outcome::default() };
    let rows = [
        (
            "a reaction among messages moves to the cosmetic lane",
            Situation::one(Channel::Topic, react(false)),
            Then::Done,
            Outcome {
                effects: vec![react(true)],
                next_step: NextStep::CosmeticThrottled(wait),
                counts: counts(),
                ..Outcome::default()
            },
        ),
        (
            "there it is throttled like any other",
            Situation::one(Channel::Cosmetic, react(true)),
            Then::Done,
            frozen(),
        ),
        (
            "a pin, a name, a card",
            Situation::one(Channel::Cosmetic, Effect::Refresh),
            Then::Renamed { title: "Ada".to_owned() },
            frozen(),
        ),
        (
            "a probe of the topic delays only its own lane",
            Situation::from_user(),
            Then::Probed,
            Outcome {
                next_step: NextStep::Retry(Hints::default(), Some(wait)),
                counts: counts(),
                ..Outcome::default()
            },
        ),
        ("words", Situation::from_user(), Then::Relayed, frozen()),
    ];
    for (name, situation, then, expected) in rows {
        let outcome = situation.failed(&copy(Side::Staff), then, &SendError::Throttled(wait));
        assert_eq!(outcome, expected, "{name}");
    }
    assert!(
        Outcome { next_step: NextStep::CosmeticThrottled(wait), ..Outcome::default() }.settles()
    );
}
