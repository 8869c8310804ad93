//! Sends the bot's own messages.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::{Destination, Invocation},
    text::Formatted,
    world::{Draft, Fields, File, file_id},
};

type Sent = Result<Value, ApiError>;

impl Invocation<'_> {
    /// Sends a content to where the parameters say.
    pub(crate) fn send(&mut self, content: Fields) -> Sent {
        let to = self.destination()?;
        let id = self.send_to(to, Arc::new(content), None)?;
        self.world.render(to.chat, id).ok_or_else(|| ApiError::bad("message not found"))
    }

    /// The same where the destination is known; answers the message's id.
    pub(crate) fn send_to(
        &mut self,
        to: Destination,
        content: Arc<Fields>,
        origin: Option<Value>,
    ) -> Result<i64, ApiError> {
        let draft = Draft {
            chat: to.chat,
            topic: to.topic,
            from: self.world.me.id,
            content,
            reply: self.reply(to)?,
            markup: self.markup()?,
            protected: self.flag("protect_content"),
            origin,
            album: None,
        };
        Ok(self.world.post(draft))
    }

    /// The file that a parameter names: by a known id, as an upload, or by URL.
    pub(crate) fn file(&mut self, kind: &str, reference: &str) -> Result<Value, ApiError> {
        if let Some(name) = reference.strip_prefix("attach://") {
            let Some(upload) = self.uploads.get(name).cloned() else {
                return Ok(self.world.make_file(kind, name));
            };
            let file = self.world.make_file(kind, &upload.name);
            if let Some(id) = file_id(&file) {
                self.world.contents.insert(id.to_owned(), upload.content);
            }
            return Ok(file);
        }
        if reference.starts_with("http://") || reference.starts_with("https://") {
            return Ok(self.world.make_file(kind, reference.rsplit('/').next().unwrap_or("file")));
        }
        match self.world.files.get(reference) {
            Some(file) if file.kind == kind => Ok(file.value.clone()),
            // An animation has always been a document as well.
            Some(file) if kind == "document" && file.kind == "animation" => Ok(file.value.clone()),
            Some(file) => Err(ApiError::bad(format!(
                "can't use file of type {} as {}",
                File::type_name(file.kind),
                File::type_name(kind)
            ))),
            None => Err(ApiError::bad("wrong file identifier/HTTP URL specified")),
        }
    }
}

/// A text that is not empty and not too long.
pub(crate) fn checked_text(text: Option<Formatted>) -> Result<Formatted, ApiError> {
    let text = text
        .filter(|text| !text.text.is_empty())
        .ok_or_else(|| ApiError::bad("message text is empty"))?;
    if text.len() > 4096 { Err(ApiError::bad("message is too long")) } else { Ok(text) }
}

pub(crate) fn text(call: &mut Invocation<'_>) -> Sent {
    let text = checked_text(call.formatted("text", "parse_mode", "entities")?)?;
    let mut content = Fields::new();
    text.put(&mut content, "text", "entities");
    if let Some(options) = call.value("link_preview_options") {
        content.insert("link_preview_options".to_owned(), options.clone());
    }
    call.send(content)
}

pub(crate) fn rich(call: &mut Invocation<'_>) -> Sent {
    let message = call.value("rich_message").cloned().unwrap_or_default();
    // The simulator does not parse rich texts: the source takes the place of the blocks.
    let source =
        message["html"].as_str().or_else(|| message["markdown"].as_str()).unwrap_or_default();
    let blocks = json!([{ "type": "paragraph", "text": source }]);
    call.send(Fields::from_iter([("rich_message".to_owned(), json!({ "blocks": blocks }))]))
}

/// Everything that is a file: `sendPhoto`, `sendVoice`, …
pub(crate) fn file(call: &mut Invocation<'_>, kind: &str) -> Sent {
    let to = call.destination()?;
    let caption = call.caption()?;
    let value = call.file(kind, call.str(kind).unwrap_or_default())?;
    let mut content = media_fields(kind, value);
    if let Some(caption) = caption {
        caption.put(&mut content, "caption", "caption_entities");
    }
    for (parameter, field) in [
        ("has_spoiler", "has_media_spoiler"),
        ("show_caption_above_media", "show_caption_above_media"),
    ] {
        if call.flag(parameter) {
            content.insert(field.to_owned(), true.into());
        }
    }
    let id = call.send_to(to, Arc::new(content), None)?;
    call.world.render(to.chat, id).ok_or_else(|| ApiError::bad("message not found"))
}

/// A file in its field; an animation is shown as a document too, for old bots.
pub(crate) fn media_fields(kind: &str, value: Value) -> Fields {
    let mut content = Fields::new();
    if kind == "animation" {
        let mut document = value.clone();
        if let Some(document) = document.as_object_mut() {
            document.retain(|name, _| !matches!(name.as_str(), "width" | "height" | "duration"));
        }
        content.insert("document".to_owned(), document);
    }
    content.insert(kind.to_owned(), value);
    content
}

/// Takes the parameters of these names as fields.
fn pick(call: &Invocation<'_>, names: &[&str]) -> Fields {
    names.iter().filter_map(|name| Some(((*name).to_owned(), call.value(name)?.clone()))).collect()
}

pub(crate) fn location(call: &mut Invocation<'_>) -> Sent {
    let names = ["latitude", "longitude", "horizontal_accuracy", "live_period", "heading"];
    let location = pick(call, &names);
    call.send(Fields::from_iter([("location".to_owned(), location.into())]))
}

pub(crate) fn venue(call: &mut Invocation<'_>) -> Sent {
    let location = Value::from(pick(call, &["latitude", "longitude"]));
    let names = [
        "title",
        "address",
        "foursquare_id",
        "foursquare_type",
        "google_place_id",
        "google_place_type",
    ];
    let mut venue = pick(call, &names);
    venue.insert("location".to_owned(), location.clone());
    call.send(Fields::from_iter([
        ("venue".to_owned(), venue.into()),
        ("location".to_owned(), location),
    ]))
}

pub(crate) fn contact(call: &mut Invocation<'_>) -> Sent {
    let contact = pick(call, &["phone_number", "first_name", "last_name", "vcard"]);
    call.send(Fields::from_iter([("contact".to_owned(), contact.into())]))
}

pub(crate) fn dice(call: &mut Invocation<'_>) -> Sent {
    let emoji = call.str("emoji").unwrap_or("🎲");
    let sides = match emoji {
        "🎲" | "🎯" | "🎳" => 6,
        "🏀" | "⚽" | "⚽️" => 5,
        "🎰" => 64,
        _ => return Err(ApiError::bad("wrong emoji specified")),
    };
    let value = call.world.random.i64(1..=sides);
    call.send(Fields::from_iter([("dice".to_owned(), json!({ "emoji": emoji, "value": value }))]))
}

pub(crate) fn poll(call: &mut Invocation<'_>) -> Sent {
    let options = call.value("options").and_then(Value::as_array).cloned().unwrap_or_default();
    if !(1..=12).contains(&options.len()) {
        return Err(ApiError::bad("poll must have from 1 to 12 options"));
    }
    let kind = call.str("type").unwrap_or("regular");
    let answers: Vec<Value> = options
        .iter()
        .enumerate()
        .map(|(index, option)| {
            json!({ "persistent_id": index.to_string(), "text": option["text"], "voter_count": 0 })
        })
        .collect();
    let id = call.world.unique();
    let mut poll = json!({
        "id": id.to_string(), "question": call.str("question"), "options": answers,
        "total_voter_count": 0, "is_closed": call.flag("is_closed"), "type": kind,
        "is_anonymous": call.value("is_anonymous").is_none_or(|anonymous| anonymous == true),
        "allows_multiple_answers": call.flag("allows_multiple_answers"),
        "allows_revoting": call.flag("allows_revoting"), "members_only": call.flag("members_only"),
    });
    if kind == "quiz" {
        let old = call.int("correct_option_id").map(|id| json!([id]));
        let correct = call.value("correct_option_ids").cloned().or(old);
        poll["correct_option_ids"] =
            correct.ok_or_else(|| ApiError::bad("quiz must have the correct option specified"))?;
    }
    call.send(Fields::from_iter([("poll".to_owned(), poll)]))
}

/// The actions of `sendChatAction`.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(crate) fn chat_action(call: &mut Invocation<'_>) -> Sent {
    let action = call.str("action").unwrap_or_default();
    if !ACTIONS.contains(&action) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    call.destination()?;
    Ok(true.into())
}
