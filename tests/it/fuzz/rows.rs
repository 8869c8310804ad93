//! Rows of the store: a row of any release, with changes, is read or refused; a row that is read is written back
//! unchanged.

use domain::{Conversation, Effect, Revision, UserId};
use proptest::prelude::*;
use serde_json::Value;
use support_bot::adapters::codec;

use super::input::{mutated, mutations, rounds, value};

/// Rows as earlier releases wrote them, sends and conversations.
pub(super) const ROWS: [&str; 9] = [
    include_str!("../../fixtures/codec/beside.1.jsonl"),
    include_str!("../../fixtures/codec/conversations.1.jsonl"),
    include_str!("../../fixtures/codec/effects.1.jsonl"),
    include_str!("../../fixtures/codec/former.1.jsonl"),
    include_str!("../../fixtures/codec/newsletters.1.jsonl"),
    include_str!("../../fixtures/codec/scenes.1.jsonl"),
    include_str!("../../fixtures/codec/tracked.1.jsonl"),
    include_str!("../../fixtures/codec/welcomed.1.jsonl"),
    include_str!("../../fixtures/codec/who.1.jsonl"),
];

/// Field names of these rows, and some others.
pub(super) const NAMES: &[&str] = &[
    "relay",
    "from",
    "message",
    "kind",
    "transfer",
    "reply",
    "to",
    "quote",
    "text",
    "entities",
    "position",
    "album",
    "fingerprint",
    "media",
    "body",
    "elsewhere",
    "names",
    "link",
    "links",
    "label",
    "url",
    "tell",
    "audience",
    "buttons",
    "action",
    "newsletter",
    "mail",
    "act",
    "deliver",
    "recall",
    "profile",
    "name",
    "since",
    "topic",
    "open",
    "closed",
    "welcome",
    "run",
    "place",
    "answers",
    "request",
    "number",
    "untold",
    "former",
    "due",
    "zone",
    "scene",
    "words",
    "track",
    "goal",
    "update",
    "unheard_of",
];

/// Any of the rows.
pub(super) fn row() -> impl Strategy<Value = Value> {
    let rows: Vec<Value> = ROWS
        .iter()
        .flat_map(|rows| rows.lines())
        .map(|row| serde_json::from_str(row).unwrap())
        .collect();
    prop::sample::select(rows)
}

pub(super) fn effect(row: &Value) -> Option<Effect> {
    codec::effect::decode(1, &row.to_string()).ok()
}

fn conversation(row: &Value) -> Option<Conversation> {
    codec::conversation::decode(1, UserId(7), Revision(3), &row.to_string()).ok()
}

fn check_written_back(row: &Value) -> Result<(), TestCaseError> {
    if let Some(effect) = effect(row) {
        let written = codec::effect::encode(&effect).unwrap();
        let read = codec::effect::decode(1, &written).unwrap();
        prop_assert_eq!(&read, &effect, "{}", row);
        prop_assert_eq!(codec::effect::encode(&read).unwrap(), written);
    }
    if let Some(conversation) = conversation(row) {
        let written = codec::conversation::encode(&conversation).unwrap();
        let read = codec::conversation::decode(1, UserId(7), Revision(3), &written).unwrap();
        prop_assert_eq!(&read, &conversation, "{}", row);
        prop_assert_eq!(codec::conversation::encode(&read).unwrap(), written);
    }
    Ok(())
}

proptest! {
    #![proptest_config(rounds(1_500))]

    #[test]
    fn a_changed_row_is_refused_or_read_and_written_unchanged(row in row(), twists in mutations(NAMES)) {
        check_written_back(&mutated(row, &twists))?;
    }

    #[test]
    fn json_of_any_shape_and_format_is_refused_or_read_and_written_unchanged(value in value(NAMES), format in any::<u32>()) {
        check_written_back(&value)?;
        let text = value.to_string();
        drop(codec::effect::decode(format, &text));
        drop(codec::conversation::decode(format, UserId(7), Revision(3), &text));
    }
}

#[test]
fn each_sample_row_is_an_effect_or_a_conversation() {
    let rows = ROWS.iter().flat_map(|rows| rows.lines());
    for row in rows.map(|row| serde_json::from_str(row).unwrap()) {
        assert!(effect(&row).is_some() || conversation(&row).is_some(), "{row}");
        check_written_back(&row).unwrap();
    }
}
