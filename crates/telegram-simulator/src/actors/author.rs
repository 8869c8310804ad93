//! What a person can do in one chat, be it private or a group.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Content, MessageId, SeenMessage, seen::see};
use crate::{
    Shared,
    events::EventKind,
    world::{BotStatus, Callback, Chat, ChatKind, Draft, Message, Reply, Standing, World},
};

/// A person in a chat.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) shared: Arc<Shared>,
    pub(crate) user: i64,
    pub(crate) chat: i64,
}

impl Author {
    /// This user in this chat: there, and not gone from it.
    pub(crate) fn find(shared: &Arc<Shared>, chat: i64, user: i64) -> Option<Self> {
        let world = shared.world();
        let entry = world.chats.get(&chat)?;
        let is_in = match entry.kind {
            ChatKind::Private => user == chat,
            ChatKind::Group | ChatKind::Supergroup { .. } => {
                entry.members.get(&user).is_some_and(|standing| *standing != Standing::Left)
            }
        };
        is_in.then(|| Self { shared: Arc::clone(shared), user, chat })
    }

    /// The chat's id now: a group may have migrated.
    pub(crate) fn current_chat(&self, world: &World) -> i64 {
        world.chats.get(&self.chat).and_then(|chat| chat.migrated_to).unwrap_or(self.chat)
    }

    pub(crate) fn send(
        &self,
        topic: Option<i64>,
        content: Content,
        reply: Option<Reply>,
        album: Option<&str>,
    ) -> MessageId {
        self.send_into(&mut self.shared.world(), topic, content, reply, album)
    }

    fn send_into(
        &self,
        world: &mut World,
        topic: Option<i64>,
        content: Content,
        reply: Option<Reply>,
        album: Option<&str>,
    ) -> MessageId {
        let chat = self.current_chat(world);
        // Writing to a bot unblocks it.
        if world.chats.get(&chat).is_some_and(|chat| chat.bot == BotStatus::Blocked) {
            world.move_bot(chat, BotStatus::Open, self.user);
        }
        if let Some(entry) =
            world.chats.get_mut(&chat).filter(|chat| chat.bot == BotStatus::Unstarted)
        {
            entry.bot = BotStatus::Open;
        }
        world.post(Draft {
            chat,
            topic,
            from: self.user,
            content: Arc::new(content.fields),
            reply,
            album: album.map(str::to_owned),
            markup: content.markup,
            protected: content.protected,
            origin: content.origin,
        })
    }

    /// Sends pieces at once under one `media_group_id`, and says which. Each answers what the album answers.
    pub(crate) fn send_album(
        &self,
        topic: Option<i64>,
        pieces: Vec<Content>,
        reply: Option<&Reply>,
    ) -> (String, Vec<MessageId>) {
        let mut world = self.shared.world();
        let album = world.unique().to_string();
        let send = |piece| self.send_into(&mut world, topic, piece, reply.cloned(), Some(&album));
        let ids = pieces.into_iter().map(send).collect();
        (album, ids)
    }

    /// A reply to a message of the same topic, perhaps with a quote.
    pub(crate) fn reply(&self, to: MessageId, quote: Option<&str>) -> Reply {
        let world = self.shared.world();
        let text = world
            .message(self.current_chat(&world), to)
            .and_then(Message::text)
            .unwrap_or_default();
        let quote = quote.map(|quote| {
            let position = crate::text::utf16_position(text, quote, 0).unwrap_or(0);
            json!({ "text": quote, "position": position, "is_manual": true })
        });
        Reply::Here { message: to, quote }
    }

    /// Sends a message of this chat once more, as a forward.
    pub(crate) fn forward(&self, topic: Option<i64>, message: MessageId) -> Option<MessageId> {
        let content = {
            let world = self.shared.world();
            let message = world.message(self.current_chat(&world), message)?;
            let origin = Some(world.origin_of(message));
            let markup = message.markup.clone();
            Content { fields: (*message.content).clone(), protected: false, origin, markup }
        };
        Some(self.send(topic, content, None, None))
    }

    /// Changes a message; `false` if it does not exist or is somebody else's.
    pub(crate) fn edit(&self, message: MessageId, content: Content) -> bool {
        let mut world = self.shared.world();
        let chat = self.current_chat(&world);
        let date = world.date();
        let user = self.user;
        world.register_files(&content.fields);
        let Some(found) = world.message_mut(chat, message).filter(|message| message.from == user)
        else {
            return false;
        };
        found.content = Arc::new(content.fields);
        found.edited = Some(date);
        let (topic, text) = (found.topic, found.text().map(str::to_owned));
        world.queue_message_update("edited_message", chat, message);
        world.emit(chat, topic, user, EventKind::Edited { message, text });
        true
    }

    /// Sets or takes back a reaction; `false` if the message is not there.
    pub(crate) fn react(&self, message: MessageId, emoji: Option<&str>) -> bool {
        let mut world = self.shared.world();
        let chat = self.current_chat(&world);
        let date = world.date();
        let Some(found) = world.message_mut(chat, message) else { return false };
        let new: Vec<Value> =
            emoji.map(|emoji| json!({ "type": "emoji", "emoji": emoji })).into_iter().collect();
        let topic = found.topic;
        let old = if new.is_empty() {
            found.reactions.remove(&self.user)
        } else {
            found.reactions.insert(self.user, new.clone())
        };
        let update = json!({
            "chat": world.chat_value(chat), "message_id": message, "user": world.user_value(self.user),
            "date": date, "old_reaction": old.unwrap_or_default(), "new_reaction": new,
        });
        // In groups, only administrators get updates about reactions.
        let visible = world.chats.get(&chat).is_some_and(|chat| {
            chat.is_visible_to_bot() && (chat.kind == ChatKind::Private || chat.rights().is_some())
        });
        if visible {
            world.queue_update("message_reaction", chat, &update);
        }
        world.emit(
            chat,
            topic,
            self.user,
            EventKind::Reacted { message, emoji: emoji.map(str::to_owned) },
        );
        true
    }

    /// Presses a button; the query's id, or nothing if there is no such button.
    pub(crate) fn press(&self, message: MessageId, data: &str) -> Option<String> {
        let mut world = self.shared.world();
        let chat = self.current_chat(&world);
        let found = world.message(chat, message)?;
        let topic = found.topic;
        if !see(&world, chat, found)
            .all_buttons()
            .any(|button| button.data.as_deref() == Some(data))
        {
            return None;
        }
        let id = world.unique().to_string();
        let at = world.now();
        world.callbacks.insert(id.clone(), Callback { at, chat, topic });
        let update = json!({
            "id": id, "from": world.user_value(self.user), "message": world.render(chat, message),
            "chat_instance": chat.to_string(), "data": data,
        });
        if world.chats.get(&chat).is_some_and(Chat::is_visible_to_bot) {
            world.queue_update("callback_query", chat, &update);
        }
        world.emit(chat, topic, self.user, EventKind::Pressed { message, data: data.to_owned() });
        Some(id)
    }

    /// Deletes a message. The bot gets no update, as at Telegram.
    pub(crate) fn delete(&self, message: MessageId) -> bool {
        let mut world = self.shared.world();
        let chat = self.current_chat(&world);
        world.delete(chat, &[message], self.user) > 0
    }

    /// The chat's messages that are wanted, oldest first.
    pub(crate) fn see(&self, wanted: impl Fn(&World, &Message) -> bool) -> Vec<SeenMessage> {
        let world = self.shared.world();
        let chat = self.current_chat(&world);
        let messages = world.chats.get(&chat).into_iter().flat_map(|chat| chat.messages.values());
        messages
            .filter(|message| wanted(&world, message))
            .map(|message| see(&world, chat, message))
            .collect()
    }
}
