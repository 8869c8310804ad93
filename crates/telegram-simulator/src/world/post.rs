//! Puts messages into chats and queues the bot's updates about them.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{
    Chat, Fields, File, Message, Reply, World,
    files::{FILES, file_id, file_value},
    message::is_service,
};
use crate::{events::EventKind, records::Record};

/// A message before it has an id and a date.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) chat: i64,
    pub(crate) topic: Option<i64>,
    pub(crate) from: i64,
    pub(crate) content: Arc<Fields>,
    pub(crate) reply: Option<Reply>,
    pub(crate) album: Option<String>,
    pub(crate) markup: Option<Value>,
    pub(crate) protected: bool,
    pub(crate) origin: Option<Value>,
}

impl World {
    /// Puts a message into its chat. The bot gets an update unless it wrote the message itself.
    ///
    /// As at Telegram, the bot does get updates about its own service messages.
    pub(crate) fn post(&mut self, draft: Draft) -> i64 {
        let id = self.next_message_id(draft.chat);
        self.post_as(id, draft);
        id
    }

    /// The same with an id from [`World::next_message_id`].
    pub(crate) fn post_as(&mut self, id: i64, draft: Draft) {
        let date = self.date();
        let (chat, topic, from) = (draft.chat, draft.topic, draft.from);
        let content = Arc::clone(&draft.content);
        let message = Message {
            id,
            topic,
            from,
            date,
            edited: None,
            content: draft.content,
            reply: draft.reply,
            album: draft.album,
            markup: draft.markup,
            protected: draft.protected,
            origin: draft.origin,
            reactions: BTreeMap::new(),
        };
        let history = self.history;
        let Some(entry) = self.chats.get_mut(&chat).filter(|chat| !chat.deleted) else { return };
        entry.messages.insert(id, message);
        while entry.messages.len() > history {
            entry.messages.pop_first();
        }
        if let Some(call) = self.current_call {
            let content = || Arc::clone(&content);
            let posted = || Record::Posted { call, chat, topic, message: id, content: content() };
            self.records.add(posted);
        }
        self.emit_content(chat, topic, from, id, &content);
        if from != self.me.id || is_service(&content) {
            if from != self.me.id {
                self.register_files(&content);
            }
            self.queue_message_update("message", chat, id);
        }
    }

    /// Queues an update about a message as it is now.
    pub(crate) fn queue_message_update(&mut self, kind: &str, chat: i64, id: i64) {
        if !self.updates.wants(kind) || !self.chats.get(&chat).is_some_and(Chat::is_visible_to_bot)
        {
            return;
        }
        let Some(value) = self.render(chat, id) else { return };
        self.queue_update(kind, chat, &value);
    }

    /// Queues an update, if the bot wants its kind.
    pub(crate) fn queue_update(&mut self, kind: &str, lane: i64, value: &Value) {
        let now = self.now();
        self.updates.push(kind, lane, value, now);
    }

    /// Posts a service message: one field that says what happened.
    pub(crate) fn post_service(
        &mut self,
        chat: i64,
        topic: Option<i64>,
        from: i64,
        field: &str,
        value: Value,
    ) -> i64 {
        let content = Arc::new(Fields::from_iter([(field.to_owned(), value)]));
        self.post(Draft { chat, topic, from, content, ..Draft::default() })
    }

    /// Changes how the bot stands in a chat and queues the update about it.
    pub(crate) fn move_bot(&mut self, chat: i64, status: super::BotStatus, by: i64) {
        let me = self.me.value();
        let date = self.date();
        let Some(from) = self.users.get(&by).map(super::User::value) else { return };
        let Some(entry) = self.chats.get_mut(&chat).filter(|chat| !chat.deleted) else { return };
        let old = std::mem::replace(&mut entry.bot, status);
        if old == status {
            return;
        }
        let update = json!({
            "chat": self.chat_value(chat), "from": from, "date": date,
            "old_chat_member": Chat::bot_member(old, &me),
            "new_chat_member": Chat::bot_member(status, &me),
        });
        self.queue_update("my_chat_member", chat, &update);
        let heard = self.chats.get(&chat).is_some_and(Chat::is_visible_to_bot);
        let kind = if heard { EventKind::BotUnblocked } else { EventKind::BotBlocked };
        self.emit(chat, None, by, kind);
    }

    fn emit_content(&self, chat: i64, topic: Option<i64>, from: i64, id: i64, content: &Fields) {
        if !self.is_watched() {
            return;
        }
        let kind = super::kind_of(content);
        let text = super::text_of(content).map(str::to_owned);
        self.emit(chat, topic, from, EventKind::Sent { message: id, kind: kind.to_owned(), text });
    }

    /// Remembers the files of a message, so that they can be sent by id.
    pub(crate) fn register_files(&mut self, content: &Fields) {
        for (kind, _) in FILES {
            if let Some(value) = content.get(*kind)
                && let Some(id) = file_id(value)
                && !self.files.contains_key(id)
            {
                self.files.insert(id.to_owned(), File { kind, value: value.clone() });
            }
        }
    }

    /// A new file, as an upload makes it.
    pub(crate) fn make_file(&mut self, kind: &str, name: &str) -> Value {
        let number = self.unique();
        let value = file_value(kind, &format!("{kind}-file-{number}"), name);
        self.register_files(&Fields::from_iter([(kind.to_owned(), value.clone())]));
        value
    }
}
