//! Telegram asks to wait with what only concerns looks.

use super::*;
use crate::engine::sender::judge::Count;

#[test]
fn a_wait_for_looks_holds_up_no_words() {
    let wait = Duration::from_secs(30);
    let react = |late| Effect::React { from: Side::User, message: WRITTEN, reaction: None, late };
    let counts = || vec![Count::Flood(wait)];
    let frozen =
        || Judgement { fate: Fate::Frozen(wait), counts: counts(), ..Judgement::default() };
    let rows = [
        (
            "a reaction among words waits among looks instead",
            Given::one(Channel::Topic, react(false)),
            Then::Done,
            Judgement {
                effects: vec![react(true)],
                fate: Fate::LooksFrozen(wait),
                counts: counts(),
                ..Judgement::default()
            },
        ),
        (
            "there it waits like all",
            Given::one(Channel::Cosmetic, react(true)),
            Then::Done,
            frozen(),
        ),
        (
            "a pin, a name, a card",
            Given::one(Channel::Cosmetic, Effect::Refresh),
            Then::Renamed { title: "Ada".to_owned() },
            frozen(),
        ),
        (
            "the question whether the topic is there holds its own lane",
            Given::from_user(),
            Then::Probed,
            Judgement {
                fate: Fate::Again(Hints::default(), Some(wait)),
                counts: counts(),
                ..Judgement::default()
            },
        ),
        ("words", Given::from_user(), Then::Relayed, frozen()),
    ];
    for (name, given, then, expected) in rows {
        let judged = given.failed(&copy(Side::Staff), then, &SendError::Throttled(wait));
        assert_eq!(judged, expected, "{name}");
    }
    assert!(Judgement { fate: Fate::LooksFrozen(wait), ..Judgement::default() }.settles());
}
