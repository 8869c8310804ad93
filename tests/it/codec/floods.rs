//! Stored formats of floods: they are read and written unchanged.

use super::stored::{assert_conversations, assert_sends};
use domain::{
    Audience, Button, ButtonAction, Conversation, Effect, Flood, FloodButton, FloodChoice, Hold,
    Millis, Profile, Revision, Tell, Text, UserId,
};

/// Of format 1: conversations, then sends.
const WRITTEN: &str = include_str!("../../fixtures/codec/floods.1.jsonl");

fn conversations() -> Vec<Conversation> {
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let hold = Hold { until: Millis(300), writes: 21 };
    let flood = Flood { since: Millis(10), last: Millis(20), hold, former: None, asked: false };
    let former = Some(Hold { until: Millis(99), writes: 4 });
    let mut asked = Conversation { dropped_until: Some(Millis(15)), ..least.clone() };
    asked.flood = Some(Flood { former, asked: true, ..flood });
    vec![Conversation { flood: Some(flood), ..least }, asked]
}

fn sends() -> Vec<Effect> {
    let button = |(label, choice)| Button {
        label,
        action: ButtonAction::Flood(FloodButton { choice, asked: Millis(20) }),
    };
    let labels = [Text::FloodShowButton, Text::FloodDropButton, Text::FloodBanButton];
    let question = Tell {
        audience: Audience::Aside,
        text: Text::FloodAsks { limit: 200 },
        reply_to: None,
        buttons: labels.into_iter().zip(FloodChoice::ALL).map(button).collect(),
        pin: false,
    };
    let texts = [Text::FloodShown, Text::FloodDropped { count: 9 }].map(Tell::aside);
    [Tell::user(Text::FloodHeld), Effect::Tell(question)].into_iter().chain(texts).collect()
}

#[test]
fn the_stored_format_of_floods_is_unchanged_and_readable() {
    let lines: Vec<&str> = WRITTEN.lines().collect();
    let (first, others) = lines.split_at(conversations().len());
    assert_conversations(first, &conversations());
    assert_sends(others, &sends());
}
