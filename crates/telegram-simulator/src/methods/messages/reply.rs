//! `reply_parameters`: what a message answers, and which part of it.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::{Destination, Invocation},
    text::{Formatted, utf16_position},
    world::{Message, Reply},
};

impl Invocation<'_> {
    /// Finds what is answered. A reply across topics or chats becomes an `external_reply`.
    pub(crate) fn reply(&self, to: Destination) -> Result<Option<Reply>, ApiError> {
        let Some(wanted) = self.value("reply_parameters") else { return Ok(None) };
        let id = wanted["message_id"].as_i64().unwrap_or_default();
        let chat = wanted["chat_id"].as_i64().unwrap_or(to.chat);
        let missing = || ApiError::bad("message to be replied not found");
        let Some(message) = self.world.message(chat, id) else {
            let lenient = wanted["allow_sending_without_reply"].as_bool().unwrap_or(false);
            // Never lenient about replies into another chat or within a topic.
            let may = lenient && chat == to.chat && to.topic.is_none();
            return if may { Ok(None) } else { Err(missing()) };
        };
        let quote = quote(wanted, message)?;
        if chat == to.chat && (message.topic == to.topic || Some(id) == to.topic) {
            return Ok(Some(Reply::Here { message: id, quote }));
        }
        if message.protected {
            return Err(missing());
        }
        let mut info = json!({ "origin": self.world.origin_of(message), "message_id": id });
        if chat < 0 {
            info["chat"] = self.world.chat_value(chat);
        }
        for (name, value) in message.content.iter() {
            if !matches!(
                name.as_str(),
                "text" | "entities" | "caption" | "caption_entities" | "rich_message"
            ) {
                info[name] = value.clone();
            }
        }
        Ok(Some(Reply::Elsewhere { info, quote }))
    }
}

/// The quote as `TextQuote`: it must be found, word for word.
fn quote(wanted: &Value, message: &Message) -> Result<Option<Value>, ApiError> {
    let Some(text) = wanted["quote"].as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let quote =
        Formatted::read(text, wanted["quote_parse_mode"].as_str(), wanted.get("quote_entities"))?;
    let invalid = || ApiError::bad("QUOTE_TEXT_INVALID");
    if quote.len() > 1024 {
        return Err(invalid());
    }
    let hint =
        wanted["quote_position"].as_u64().and_then(|hint| usize::try_from(hint).ok()).unwrap_or(0);
    let position = utf16_position(message.text().unwrap_or_default(), &quote.text, hint)
        .ok_or_else(invalid)?;
    let mut value = json!({ "text": quote.text, "position": position, "is_manual": true });
    if !quote.entities.is_empty() {
        value["entities"] = quote.entities.into();
    }
    Ok(Some(value))
}
