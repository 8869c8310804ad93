//! Updates: JSON of any shape with Telegram's field names, and real updates with changes.

use std::time::{Duration, Instant};

use domain::{ChatId, GroupChats, UpdateId};
use ports::Decoder as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::input::{mutated, mutations, rounds, value};
use crate::{faults::seeds, harness::decoder};

const GROUP: ChatId = ChatId(-1_001_000_000_500);
/// Time limit for one update; it normally takes microseconds.
const LONGEST: Duration = Duration::from_secs(1);

const NAMES: &[&str] = &[
    "update_id",
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "chat",
    "id",
    "type",
    "from",
    "sender_chat",
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "date",
    "text",
    "entities",
    "offset",
    "length",
    "caption",
    "photo",
    "media_group_id",
    "reply_to_message",
    "external_reply",
    "quote",
    "position",
    "data",
    "new_reaction",
    "old_reaction",
    "emoji",
    "new_chat_member",
    "status",
    "forum_topic_created",
    "forum_topic_edited",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "contact",
    "phone_number",
    "is_bot",
    "first_name",
    "language_code",
    "reply_markup",
    "inline_keyboard",
    "url",
    "file_id",
    "via_bot",
    "forward_origin",
];

/// Properties that hold for any text.
fn check_read(raw: &str) -> Result<(), TestCaseError> {
    let begun = Instant::now();
    let decoder = decoder();
    let groups = GroupChats::of_one(GROUP);
    let envelope = decoder.envelope(raw, &groups);
    let incoming = decoder.decode(raw, &groups);
    prop_assert!(begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    // A readable id is read, whatever else the update contains: without an id, Telegram would repeat the update
    // forever.
    if let Ok(Value::Object(fields)) = serde_json::from_str(raw)
        && let Some(number) = fields.get("update_id").and_then(Value::as_i64)
    {
        prop_assert_eq!(envelope.update, Some(UpdateId(number)), "{}", raw);
    }
    match incoming {
        Ok(incoming) => prop_assert_eq!(envelope.update, Some(incoming.update), "{}", raw),
        Err(error) => prop_assert!(!error.0.is_empty() && error.0.len() < 100, "{}", error.0),
    }
    Ok(())
}

proptest! {
    #![proptest_config(rounds(1_000))]

    #[test]
    fn json_of_any_shape_is_an_update_or_none(value in value(NAMES)) {
        check_read(&value.to_string())?;
        let numbered = json!({"update_id": 7, "message": value});
        check_read(&numbered.to_string())?;
    }

    #[test]
    fn a_changed_real_update_is_read_with_its_number(seed in any::<u64>(), twists in mutations(NAMES)) {
        let real = seeds(7, &mut fastrand::Rng::with_seed(seed));
        check_read(&mutated(real, &twists).to_string())?;
    }

    #[test]
    fn random_bytes_are_not_an_update(raw in any::<String>(), cut in any::<prop::sample::Index>()) {
        check_read(&raw)?;
        let real = seeds(7, &mut fastrand::Rng::with_seed(7)).to_string();
        let cut = real.floor_char_boundary(cut.index(real.len()));
        check_read(&real[..cut])?;
    }
}
