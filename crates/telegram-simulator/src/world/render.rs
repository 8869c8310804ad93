//! Messages as the Bot API shows them.

use serde_json::{Map, Value, json};

use super::{Message, Reply, World};

impl World {
    /// A message of a chat as `Message`, with what it answers.
    pub(crate) fn render(&self, chat: i64, id: i64) -> Option<Value> {
        let message = self.message(chat, id)?;
        let mut value = self.render_plain(chat, message);
        match &message.reply {
            Some(Reply::Here { message: replied, quote }) => {
                if let Some(replied) = self.message(chat, *replied) {
                    value.insert(
                        "reply_to_message".to_owned(),
                        self.render_plain(chat, replied).into(),
                    );
                }
                put(&mut value, "quote", quote.as_ref());
            }
            Some(Reply::Elsewhere { info, quote }) => {
                put(&mut value, "external_reply", Some(info));
                put(&mut value, "quote", quote.as_ref());
            }
            None => {
                // What stands in a topic answers the message that opened the topic.
                if let Some(root) = message.topic.filter(|root| *root != id)
                    && let Some(root) = self.message(chat, root)
                {
                    value.insert(
                        "reply_to_message".to_owned(),
                        self.render_plain(chat, root).into(),
                    );
                }
            }
        }
        Some(value.into())
    }

    /// A message as `Message`, without what it answers.
    pub(crate) fn render_plain(&self, chat: i64, message: &Message) -> Map<String, Value> {
        let mut value = (*message.content).clone();
        value.insert("message_id".to_owned(), message.id.into());
        value.insert("date".to_owned(), message.date.into());
        value.insert("chat".to_owned(), self.chat_value(chat));
        // A raw content may say otherwise: an anonymous administrator, a channel, another bot.
        if !value.contains_key("from") {
            value.insert("from".to_owned(), self.user_value(message.from));
        }
        if let Some(topic) = message.topic {
            value.insert("message_thread_id".to_owned(), topic.into());
            value.insert("is_topic_message".to_owned(), true.into());
        }
        if let Some(date) = message.edited {
            value.insert("edit_date".to_owned(), date.into());
        }
        if message.protected {
            value.insert("has_protected_content".to_owned(), true.into());
        }
        if let Some(album) = &message.album {
            value.insert("media_group_id".to_owned(), album.as_str().into());
        }
        put(&mut value, "forward_origin", message.origin.as_ref());
        let inline =
            message.markup.as_ref().filter(|markup| markup.get("inline_keyboard").is_some());
        put(&mut value, "reply_markup", inline);
        value
    }

    pub(crate) fn chat_value(&self, chat: i64) -> Value {
        match self.chats.get(&chat) {
            Some(entry) => entry.value(self.users.get(&chat)),
            None => json!({ "id": chat, "type": "private" }),
        }
    }

    pub(crate) fn user_value(&self, user: i64) -> Value {
        self.users.get(&user).map_or(Value::Null, super::User::value)
    }

    /// Where a message came from, as `MessageOrigin`.
    pub(crate) fn origin_of(&self, message: &Message) -> Value {
        message.origin.clone().unwrap_or_else(|| {
            json!({
                "type": "user", "date": message.date,
                "sender_user": self.user_value(message.from),
            })
        })
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<&Value>) {
    if let Some(value) = value {
        fields.insert(name.to_owned(), value.clone());
    }
}
