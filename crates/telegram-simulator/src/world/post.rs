//! Putting messages into chats, and telling the bot of them.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{Chat, Fields, Message, Reply, World, message::is_service};
use crate::{events::EventKind, records::Record};

/// A message to be.
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
    /// Puts a message into its chat; the bot is told unless it wrote it itself.
    ///
    /// Of its own service messages the bot is told, as Telegram does.
    pub(crate) fn post(&mut self, draft: Draft) -> i64 {
        let id = self.next_message_id(draft.chat);
        self.post_as(id, draft);
        id
    }

    /// The same with an id that was taken before.
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
        let Some(place) = self.chats.get_mut(&chat) else { return };
        place.messages.insert(id, message);
        while place.messages.len() > history {
            place.messages.pop_first();
        }
        if let Some(call) = self.under_way {
            let content = || Arc::clone(&content);
            let posted = || Record::Posted { call, chat, topic, message: id, content: content() };
            self.records.tell(posted);
        }
        self.emit_content(chat, topic, from, id, &content);
        if from != self.me.id || is_service(&content) {
            if from != self.me.id {
                self.learn_files(&content);
            }
            self.tell_message("message", chat, id);
        }
    }

    /// Queues an update about a message as it is now.
    pub(crate) fn tell_message(&mut self, kind: &str, chat: i64, id: i64) {
        if !self.updates.wants(kind) || !self.chats.get(&chat).is_some_and(Chat::is_heard) {
            return;
        }
        let Some(value) = self.render(chat, id) else { return };
        self.tell(kind, chat, &value);
    }

    /// Queues an update, if the bot wants its kind.
    pub(crate) fn tell(&mut self, kind: &str, lane: i64, value: &Value) {
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

    /// Changes how the bot stands in a chat and tells it so.
    pub(crate) fn move_bot(&mut self, chat: i64, place: super::Place, by: i64) {
        let me = self.me.value();
        let date = self.date();
        let Some(from) = self.users.get(&by).map(super::User::value) else { return };
        let Some(old) = self.chats.get_mut(&chat).map(|c| std::mem::replace(&mut c.place, place))
        else {
            return;
        };
        if old == place {
            return;
        }
        let update = json!({
            "chat": self.chat_value(chat), "from": from, "date": date,
            "old_chat_member": Chat::bot_member(old, &me),
            "new_chat_member": Chat::bot_member(place, &me),
        });
        self.tell("my_chat_member", chat, &update);
        let heard = self.chats.get(&chat).is_some_and(Chat::is_heard);
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
}
