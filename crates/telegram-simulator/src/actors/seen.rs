//! A message as people see it.

use serde_json::Value;

use super::MessageId;
use crate::world::{Message, Reply, World, file_id};

/// A message as people see it.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is something one sees")]
pub struct SeenMessage {
    /// Its id in the chat.
    pub id: MessageId,
    /// The topic it stands in.
    pub topic: Option<i64>,
    /// Its author's name.
    pub author: String,
    /// Whether the bot wrote it.
    pub from_bot: bool,
    /// `text`, `photo`, `forum_topic_created`, …
    pub kind: String,
    /// Its text or caption.
    pub text: Option<String>,
    /// Entities of the text or caption.
    pub entities: Vec<Value>,
    /// The file it shows.
    pub file_id: Option<String>,
    /// The message of this chat and topic that it answers.
    pub reply_to: Option<MessageId>,
    /// The message elsewhere that it answers, as `ExternalReplyInfo`.
    pub external_reply: Option<Value>,
    /// The part of it that is quoted.
    pub quote: Option<String>,
    /// The album it belongs to.
    pub media_group_id: Option<String>,
    /// The buttons below it, row by row.
    pub buttons: Vec<Vec<Button>>,
    /// Whether it was edited.
    pub edited: bool,
    /// Emoji of the reactions to it.
    pub reactions: Vec<String>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it may not be forwarded.
    pub protected: bool,
    /// Where it was forwarded from, as `MessageOrigin`.
    pub forward_origin: Option<Value>,
    /// All fields of its content.
    pub content: Value,
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// The `callback_data` that the bot gets when it is pressed.
    pub data: Option<String>,
    /// What it opens.
    pub url: Option<String>,
}

impl SeenMessage {
    /// All buttons in reading order.
    pub fn all_buttons(&self) -> impl Iterator<Item = &Button> {
        self.buttons.iter().flatten()
    }
}

pub(super) fn see(world: &World, chat: i64, message: &Message) -> SeenMessage {
    let content = &message.content;
    let entities = content.get("entities").or_else(|| content.get("caption_entities"));
    let (reply_to, external_reply, quote) = match &message.reply {
        Some(Reply::Here { message, quote }) => (Some(*message), None, quote.as_ref()),
        Some(Reply::Elsewhere { info, quote }) => (None, Some(info.clone()), quote.as_ref()),
        None => (None, None, None),
    };
    SeenMessage {
        id: message.id,
        topic: message.topic,
        author: world
            .users
            .get(&message.from)
            .map(crate::world::User::full_name)
            .unwrap_or_default(),
        from_bot: message.from == world.me.id,
        kind: message.kind().to_owned(),
        text: message.text().map(str::to_owned),
        entities: entities.and_then(Value::as_array).cloned().unwrap_or_default(),
        file_id: content.get(message.kind()).and_then(file_id).map(str::to_owned),
        reply_to,
        external_reply,
        quote: quote.and_then(|quote| quote["text"].as_str()).map(str::to_owned),
        media_group_id: message.album.clone(),
        buttons: buttons(message.markup.as_ref()),
        edited: message.edited.is_some(),
        reactions: message
            .reactions
            .values()
            .flatten()
            .filter_map(|reaction| reaction["emoji"].as_str())
            .map(str::to_owned)
            .collect(),
        pinned: world.chats.get(&chat).is_some_and(|entry| entry.pinned.contains(&message.id)),
        protected: message.protected,
        forward_origin: message.origin.clone(),
        content: Value::Object((**content).clone()),
    }
}

fn buttons(markup: Option<&Value>) -> Vec<Vec<Button>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let button = |button: &Value| Button {
        text: text(&button["text"]).unwrap_or_default(),
        data: text(&button["callback_data"]),
        url: text(&button["url"]),
    };
    let rows = markup.and_then(|markup| markup["inline_keyboard"].as_array());
    rows.into_iter()
        .flatten()
        .map(|row| row.as_array().into_iter().flatten().map(button).collect())
        .collect()
}
