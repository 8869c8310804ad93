//! A call: its parameters, and the checks that many methods share.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    faults::What,
    text::Formatted,
    world::{BotStatus, Chat, ChatKind, Rights, TopicState, World},
};

/// The contents of uploaded files, by the names of their parts.
pub(crate) type Uploads = BTreeMap<String, Upload>;

/// A file that came with a call.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) content: Vec<u8>,
}

/// A call, and the world that it acts on.
pub(crate) struct Invocation<'a> {
    pub(super) world: &'a mut World,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) uploads: &'a Uploads,
    pub(super) method: &'static str,
}

/// Where a message is to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Destination {
    pub(super) chat: i64,
    pub(super) topic: Option<i64>,
}

impl<'a> Invocation<'a> {
    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.parameters.get(name)
    }

    /// The ids of many messages: some, at most 100; `too_many` is what Telegram says of more.
    pub(super) fn message_ids(&self, too_many: &'static str) -> Result<Vec<i64>, ApiError> {
        let ids = self.value("message_ids").and_then(Value::as_array).into_iter().flatten();
        let ids: Vec<i64> = ids.filter_map(Value::as_i64).collect();
        match ids.len() {
            0 => Err(ApiError::bad("message identifiers are not specified")),
            1..=100 => Ok(ids),
            _ => Err(ApiError::bad(too_many)),
        }
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.value(name)?.as_i64()
    }

    pub(super) fn str(&self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }

    /// The content of an uploaded file.
    pub(super) fn upload(&self, name: &str) -> Option<Vec<u8>> {
        let upload = self.uploads.get(self.str(name)?.strip_prefix("attach://")?)?;
        Some(upload.content.clone())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A text under its parse mode, with entities of its own.
    pub(super) fn formatted(
        &self,
        text: &str,
        mode: &str,
        entities: &str,
    ) -> Result<Option<Formatted>, ApiError> {
        let Some(text) = self.str(text) else { return Ok(None) };
        Formatted::read(text, self.str(mode), self.value(entities)).map(Some)
    }

    /// The caption, at most 1024 units.
    pub(super) fn caption(&self) -> Result<Option<Formatted>, ApiError> {
        let caption = self.formatted("caption", "parse_mode", "caption_entities")?;
        if caption.as_ref().is_some_and(|caption| caption.len() > 1024) {
            return Err(ApiError::bad("message caption is too long"));
        }
        Ok(caption.filter(|caption| !caption.text.is_empty()))
    }

    /// A chat that the bot has at least seen, by id or username.
    pub(super) fn chat(&self, name: &str) -> Result<&Chat, ApiError> {
        let not_found = || ApiError::bad("chat not found");
        let value = self.value(name).ok_or_else(not_found)?;
        let id = match value.as_i64() {
            Some(id) => id,
            None => self.by_username(value.as_str().unwrap_or_default()).ok_or_else(not_found)?,
        };
        let chat = self.world.chats.get(&id).ok_or_else(not_found)?;
        if let Some(to) = chat.migrated_to {
            return Err(ApiError::migrated(to));
        }
        let forbidden = |what: &str| Err(ApiError::forbidden(what));
        if chat.deleted && chat.kind == ChatKind::Group {
            return forbidden("the group chat was deleted");
        }
        let (kicked, not_member) = match chat.kind {
            ChatKind::Supergroup { .. } => (
                "bot was kicked from the supergroup chat",
                "bot is not a member of the supergroup chat",
            ),
            ChatKind::Private | ChatKind::Group => {
                ("bot was kicked from the group chat", "bot is not a member of the group chat")
            }
        };
        match chat.bot {
            BotStatus::Open | BotStatus::Admin(_) | BotStatus::Member | BotStatus::Muted => {
                Ok(chat)
            }
            // Read-only methods about a person who blocked the bot work.
            BotStatus::Blocked | BotStatus::Deactivated if self.method.starts_with("get") => {
                Ok(chat)
            }
            BotStatus::Blocked => forbidden("bot was blocked by the user"),
            BotStatus::Deactivated => forbidden("user is deactivated"),
            BotStatus::Kicked => forbidden(kicked),
            BotStatus::Left => forbidden(not_member),
            // Known from a group, the bot may see but not write to; otherwise there is no such chat.
            BotStatus::Unstarted if self.is_known_from_group(id) => {
                forbidden("bot can't initiate conversation with a user")
            }
            BotStatus::Unstarted => Err(not_found()),
        }
    }

    /// The chat and topic a message is sent to, if the bot may write there.
    pub(super) fn destination(&mut self) -> Result<Destination, ApiError> {
        let chat = self.chat("chat_id")?;
        let id = chat.id;
        if chat.bot == BotStatus::Muted {
            return Err(ApiError::bad("not enough rights to send text messages to the chat"));
        }
        let Some(topic) = self.int("message_thread_id").filter(|topic| *topic != 0) else {
            return Ok(Destination { chat: id, topic: None });
        };
        if self.has_fault(id, &What::LandInGeneral) {
            return Ok(Destination { chat: id, topic: None });
        }
        self.open_topic(id, topic)?;
        Ok(Destination { chat: id, topic: Some(topic) })
    }

    fn open_topic(&mut self, chat: i64, topic: i64) -> Result<(), ApiError> {
        let gone = || ApiError::bad("message thread not found");
        // General is topic 1 of the protocol, but the Bot API knows it only by no topic at all.
        let in_private = self.world.private_topics;
        let has = |chat: &&Chat| chat.is_forum() || (in_private && chat.kind == ChatKind::Private);
        let entry = self.world.chats.get(&chat).filter(has).ok_or_else(gone)?;
        let state = entry.topics.get(&topic).ok_or_else(gone)?;
        let manages = entry.rights().is_some_and(|rights| rights.manage_topics);
        let (deleted, closed) = (state.deleted, state.closed);
        if deleted {
            let says = self.has_fault(chat, &What::SayTopicDeleted);
            return Err(if says { ApiError::bad("TOPIC_DELETED") } else { gone() });
        }
        if closed && (!manages || self.has_fault(chat, &What::RefuseClosedTopics)) {
            return Err(ApiError::bad("TOPIC_CLOSED"));
        }
        Ok(())
    }

    /// A topic that exists, for methods about topics.
    pub(super) fn topic(&mut self) -> Result<(i64, i64, TopicState), ApiError> {
        let chat = self.forum()?;
        let id = self.int("message_thread_id").unwrap_or_default();
        let topic = self.world.chats.get(&chat).and_then(|chat| chat.topics.get(&id)).cloned();
        match topic {
            Some(topic) if !topic.deleted => Ok((chat, id, topic)),
            Some(_) if self.has_fault(chat, &What::SayTopicDeleted) => {
                Err(ApiError::bad("TOPIC_DELETED"))
            }
            Some(_) | None => Err(ApiError::bad("TOPIC_ID_INVALID")),
        }
    }

    /// A chat with topics.
    pub(super) fn forum(&self) -> Result<i64, ApiError> {
        let chat = self.chat("chat_id")?;
        if chat.is_forum() { Ok(chat.id) } else { Err(ApiError::bad("the chat is not a forum")) }
    }

    /// The bot's rights in a group: an administrator's, or none.
    pub(super) fn rights(&self, chat: i64) -> Rights {
        self.world.chats.get(&chat).and_then(Chat::rights).unwrap_or(Rights::none())
    }

    /// Whether a fault changes how topics answer this call.
    pub(super) fn has_fault(&mut self, chat: i64, wanted: &What) -> bool {
        self.world.faults.next_for(self.method, Some(chat), |what| what == wanted).is_some()
    }

    /// The reply markup, with its buttons' data checked.
    pub(super) fn markup(&self) -> Result<Option<Value>, ApiError> {
        let Some(markup) = self.value("reply_markup") else { return Ok(None) };
        let rows = markup.get("inline_keyboard").and_then(Value::as_array);
        for button in rows.into_iter().flatten().filter_map(Value::as_array).flatten() {
            let text = button["text"].as_str().unwrap_or_default();
            if text.is_empty() {
                return Err(ApiError::bad("can't parse inline keyboard button: text is empty"));
            }
            if let Some(data) = button.get("callback_data").and_then(Value::as_str) {
                if data.is_empty() || data.len() > 64 {
                    return Err(ApiError::bad("BUTTON_DATA_INVALID"));
                }
            } else if button.as_object().is_some_and(|button| button.len() == 1) {
                return Err(ApiError::bad(
                    "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
                ));
            }
        }
        Ok(Some(markup.clone()))
    }

    fn by_username(&self, name: &str) -> Option<i64> {
        let name = name.strip_prefix('@')?;
        let matches = |user: &&crate::world::User| {
            user.username.as_deref().is_some_and(|username| username.eq_ignore_ascii_case(name))
        };
        self.world.users.values().find(matches).map(|user| user.id)
    }

    fn is_known_from_group(&self, user: i64) -> bool {
        self.world.chats.values().any(|chat| chat.members.contains_key(&user))
    }
}
