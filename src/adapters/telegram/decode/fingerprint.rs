//! Computes a fingerprint of those contents of a message that an edit can visibly change.
//!
//! Movements of a live location, votes in a poll and ticks in a checklist do not change it: Telegram
//! reports them as edits, but copies cannot follow them.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::wire::{Message, Str, lenient};
use domain::{ContentKind, Fingerprint};

/// A file on Telegram's servers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the Bot API's fields")]
pub(super) struct File<'a> {
    #[serde(borrow, deserialize_with = "lenient")]
    pub(super) file_id: Option<Str<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    file_unique_id: Option<Str<'a>>,
    #[serde(deserialize_with = "lenient")]
    width: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    height: Option<i64>,
}

/// The file of a message of this kind. For a photo, the largest size.
pub(super) fn file(kind: ContentKind, raw: &RawValue) -> Option<File<'_>> {
    if kind == ContentKind::Photo {
        let sizes: Vec<File<'_>> = serde_json::from_str(raw.get()).ok()?;
        let area = |size: &File<'_>| {
            size.width.unwrap_or_default().saturating_mul(size.height.unwrap_or_default())
        };
        return sizes.into_iter().max_by_key(area);
    }
    serde_json::from_str(raw.get()).ok()
}

/// The fingerprint of text and media.
pub(super) fn of(message: &Message<'_>) -> Fingerprint {
    let text = message.text.as_ref().map_or("", |Str(text)| text.as_ref());
    let entities = message.entities.map_or("", RawValue::get);
    let above = message.caption_above.then_some("above");
    let preview = message.preview.map(RawValue::get);
    let text = Fingerprint::hash([text, entities].into_iter().chain(above).chain(preview));
    Fingerprint { text, media: media(message) }
}

fn media(message: &Message<'_>) -> u32 {
    let Some((row, raw)) = message.content else {
        return Fingerprint::hash(message.unknown.iter().map(|raw| raw.get()));
    };
    match row.kind {
        ContentKind::Text => 0,
        ContentKind::Location => Fingerprint::hash(["location"]),
        ContentKind::Contact => fields(raw, &["phone_number", "first_name", "last_name", "vcard"]),
        ContentKind::Venue => fields(raw, &["title", "address", "location"]),
        ContentKind::Poll => listed(raw, "question", "options"),
        ContentKind::Checklist => listed(raw, "title", "tasks"),
        ContentKind::Game => fields(raw, &["title", "description"]),
        ContentKind::Dice => fields(raw, &["emoji", "value"]),
        ContentKind::Story => fields(raw, &["id"]),
        ContentKind::Photo
        | ContentKind::Video
        | ContentKind::Animation
        | ContentKind::Audio
        | ContentKind::Voice
        | ContentKind::VideoNote
        | ContentKind::Document
        | ContentKind::Sticker
        | ContentKind::PaidMedia
        | ContentKind::Invoice
        | ContentKind::Payment
        | ContentKind::Giveaway
        | ContentKind::Gift
        | ContentKind::Passport
        | ContentKind::Service
        | ContentKind::Protected
        | ContentKind::Other => {
            let covered = if message.spoiler { "covered" } else { "" };
            let unique = file(row.kind, raw).and_then(|file| file.file_unique_id);
            Fingerprint::hash([unique.as_ref().map_or(raw.get(), |Str(id)| id.as_ref()), covered])
        }
    }
}

/// A hash of these fields.
fn fields(raw: &RawValue, names: &[&str]) -> u32 {
    let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let parts: Vec<String> = names.iter().map(|name| value[name].to_string()).collect();
    Fingerprint::hash(parts.iter().map(String::as_str))
}

/// A hash of a heading and of the `text` of each item in a list.
fn listed(raw: &RawValue, heading: &str, list: &str) -> u32 {
    let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
    let texts = value[list].as_array().into_iter().flatten().map(|item| &item["text"]);
    let parts: Vec<String> =
        std::iter::once(&value[heading]).chain(texts).map(Value::to_string).collect();
    Fingerprint::hash(parts.iter().map(String::as_str))
}
