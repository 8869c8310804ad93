//! Edits the bot's messages.

use std::sync::Arc;

use serde_json::Value;

use super::send::checked_text;
use crate::{
    error::ApiError,
    events::EventKind,
    methods::call::Invocation,
    world::{Fields, Message},
};

type Edited = Result<Value, ApiError>;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are \
                            exactly the same as a current content and reply markup of the message";

/// Kinds that may have a caption.
const CAPTIONED: [&str; 7] =
    ["photo", "video", "animation", "audio", "document", "voice", "live_photo"];

pub(crate) fn text(call: &mut Invocation<'_>) -> Edited {
    let message = own(call)?;
    if !message.content.contains_key("text") && !message.content.contains_key("rich_message") {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    let text = checked_text(call.formatted("text", "parse_mode", "entities")?)?;
    let mut content = Fields::new();
    text.put(&mut content, "text", "entities");
    if let Some(options) = call.value("link_preview_options") {
        content.insert("link_preview_options".to_owned(), options.clone());
    }
    change(call, &message, content)
}

pub(crate) fn caption(call: &mut Invocation<'_>) -> Edited {
    let message = own(call)?;
    if !CAPTIONED.contains(&message.kind()) {
        return Err(ApiError::bad("there is no caption in the message to edit"));
    }
    let mut content = (*message.content).clone();
    content.remove("caption");
    content.remove("caption_entities");
    content.remove("show_caption_above_media");
    if let Some(caption) = call.caption()? {
        caption.put(&mut content, "caption", "caption_entities");
    }
    if call.flag("show_caption_above_media") {
        content.insert("show_caption_above_media".to_owned(), true.into());
    }
    change(call, &message, content)
}

pub(crate) fn media(call: &mut Invocation<'_>) -> Edited {
    let message = own(call)?;
    let media = call.value("media").cloned().unwrap_or_default();
    if message.album.is_some() && matches!(media["type"].as_str(), Some("animation")) {
        return Err(ApiError::bad("can't use the media of the specified type in the album"));
    }
    let content = call.input_media(&media)?;
    change(call, &message, content)
}

pub(crate) fn markup(call: &mut Invocation<'_>) -> Edited {
    let message = own(call)?;
    let content = (*message.content).clone();
    change(call, &message, content)
}

/// The message to edit, if it is the bot's and can be edited.
fn own(call: &Invocation<'_>) -> Result<Message, ApiError> {
    if call.value("inline_message_id").is_some() {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    let chat = call.chat("chat_id")?;
    let id = call.int("message_id").unwrap_or_default();
    let message =
        chat.messages.get(&id).ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if message.from != call.world.me.id || message.is_service() || message.origin.is_some() {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok(message.clone())
}

fn change(call: &mut Invocation<'_>, message: &Message, content: Fields) -> Edited {
    let chat = call.chat("chat_id")?.id;
    let markup = call.markup()?;
    let has_buttons =
        markup.as_ref().is_some_and(|markup| markup["inline_keyboard"] != Value::Array(Vec::new()));
    let markup = markup.filter(|_| has_buttons);
    if *message.content == content && message.markup == markup {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    let date = call.world.date();
    let text = crate::world::text_of(&content).map(str::to_owned);
    if let Some(message) = call.world.message_mut(chat, message.id) {
        message.content = Arc::new(content);
        message.markup = markup;
        message.edited = Some(date);
    }
    let me = call.world.me.id;
    call.world.emit(chat, message.topic, me, EventKind::Edited { message: message.id, text });
    call.world.render(chat, message.id).ok_or_else(|| ApiError::bad("message to edit not found"))
}
