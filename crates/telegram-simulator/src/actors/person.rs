//! A person in a private chat with the bot.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Content, MessageId, SeenMessage, author::Author};
use crate::{
    Shared,
    methods::topics,
    world::{BotStatus, Chat, ChatKind, Reply, User, UserSpec},
};

/// A person in a private chat with the bot.
#[derive(Debug, Clone)]
pub struct Person {
    author: Author,
}

impl Person {
    pub(crate) fn create(shared: &Arc<Shared>, spec: UserSpec) -> Self {
        Self::of(shared, add_user(shared, spec))
    }

    pub(crate) fn of(shared: &Arc<Shared>, user: i64) -> Self {
        shared
            .world()
            .chats
            .entry(user)
            .or_insert_with(|| Chat::new(user, ChatKind::Private, "", BotStatus::Unstarted));
        Self { author: Author { shared: Arc::clone(shared), user, chat: user } }
    }

    /// The person's id, which is also that of the chat.
    pub fn id(&self) -> i64 {
        self.author.user
    }

    /// Presses Start.
    pub fn starts(&self) -> MessageId {
        self.sends(Content::text("/start"))
    }

    /// Sends a text; commands in it are seen as such.
    pub fn writes(&self, text: &str) -> MessageId {
        self.sends(Content::text(text))
    }

    /// Sends any content.
    pub fn sends(&self, content: Content) -> MessageId {
        self.author.send(None, content, None, None)
    }

    /// Opens a topic of the chat; `None` if the bot's private chats have none.
    pub fn opens_topic(&self, name: &str) -> Option<i64> {
        let mut world = self.author.shared.world();
        let (id, colour) = (self.id(), topics::COLOURS[0]);
        world.private_topics.then(|| topics::open(&mut world, id, id, name, colour, None))
    }

    /// Deletes a topic of the chat with all that is in it.
    pub fn deletes_topic(&self, topic: i64) {
        topics::remove(&mut self.author.shared.world(), self.id(), topic, self.id());
    }

    /// Sends a text in a topic of the chat.
    pub fn writes_in(&self, topic: i64, text: &str) -> MessageId {
        self.author.send(Some(topic), Content::text(text), None, None)
    }

    /// Sends an album, all pieces at once: its `media_group_id` and its messages.
    pub fn sends_album(&self, pieces: Vec<Content>) -> (String, Vec<MessageId>) {
        self.author.send_album(None, pieces, None)
    }

    /// Answers a message with an album.
    pub fn replies_with_album(
        &self,
        message: MessageId,
        pieces: Vec<Content>,
    ) -> (String, Vec<MessageId>) {
        let reply = self.author.reply(message, None);
        self.author.send_album(None, pieces, Some(&reply))
    }

    /// Sends one more piece of an album, late.
    pub fn sends_late(&self, media_group_id: &str, piece: Content) -> MessageId {
        self.author.send(None, piece, None, Some(media_group_id))
    }

    /// Answers a message of the chat.
    pub fn replies_to(&self, message: MessageId, content: impl Into<Content>) -> MessageId {
        let reply = self.author.reply(message, None);
        self.author.send(None, content.into(), Some(reply), None)
    }

    /// Answers a part of a message.
    pub fn quotes(
        &self,
        message: MessageId,
        quote: &str,
        content: impl Into<Content>,
    ) -> MessageId {
        let reply = self.author.reply(message, Some(quote));
        self.author.send(None, content.into(), Some(reply), None)
    }

    /// Answers a message of another chat, or a part of it; the bot sees an `ExternalReplyInfo`.
    pub fn replies_elsewhere(
        &self,
        info: Value,
        quote: Option<&str>,
        content: impl Into<Content>,
    ) -> MessageId {
        self.author.send(None, content.into(), Some(elsewhere(info, quote)), None)
    }

    /// The same, with an album.
    pub fn replies_elsewhere_with_album(
        &self,
        info: Value,
        pieces: Vec<Content>,
    ) -> (String, Vec<MessageId>) {
        self.author.send_album(None, pieces, Some(&elsewhere(info, None)))
    }

    /// Forwards a message of the chat into the chat; for other origins see `Content::forwarded_from`.
    pub fn forwards(&self, message: MessageId) -> Option<MessageId> {
        self.author.forward(None, message)
    }

    /// Edits one of the user's messages; `false` if the message does not exist.
    pub fn edits(&self, message: MessageId, content: impl Into<Content>) -> bool {
        self.author.edit(message, content.into())
    }

    /// Sets a reaction, or takes it back.
    pub fn reacts(&self, message: MessageId, emoji: Option<&str>) -> bool {
        self.author.react(message, emoji)
    }

    /// Presses a button: the query's id, or nothing if there is no such button.
    pub fn presses(&self, message: MessageId, data: &str) -> Option<String> {
        self.author.press(message, data)
    }

    /// Deletes a message. The bot gets no update, as at Telegram.
    pub fn deletes(&self, message: MessageId) -> bool {
        self.author.delete(message)
    }

    /// Blocks the bot.
    pub fn blocks(&self) {
        self.author.shared.world().move_bot(self.id(), BotStatus::Blocked, self.id());
    }

    /// Unblocks the bot.
    pub fn returns(&self) {
        self.author.shared.world().move_bot(self.id(), BotStatus::Open, self.id());
    }

    /// Deletes their account.
    pub fn leaves_telegram(&self) {
        if let Some(chat) = self.author.shared.world().chats.get_mut(&self.id()) {
            chat.bot = BotStatus::Deactivated;
        }
    }

    /// Takes another name; the bot sees it with the next message.
    pub fn renames(&self, first_name: &str, last_name: Option<&str>) {
        if let Some(user) = self.author.shared.world().users.get_mut(&self.id()) {
            first_name.clone_into(&mut user.first_name);
            user.last_name = last_name.map(str::to_owned);
        }
    }

    /// Takes another username, or none.
    pub fn takes_username(&self, username: Option<&str>) {
        if let Some(user) = self.author.shared.world().users.get_mut(&self.id()) {
            user.username = username.map(str::to_owned);
        }
    }

    /// The bot's messages in the chat, oldest first; deleted ones are gone.
    pub fn sees(&self) -> Vec<SeenMessage> {
        self.author.see(|world, message| message.from == world.me.id)
    }

    /// The texts and captions of the bot's messages, oldest first.
    pub fn reads(&self) -> Vec<String> {
        self.sees().into_iter().filter_map(|message| message.text).collect()
    }

    /// Everything in the chat, oldest first.
    pub fn chat(&self) -> Vec<SeenMessage> {
        self.author.see(|_, _| true)
    }
}

/// A reply to what stands in another chat. Telegram always says where that came from.
fn elsewhere(info: Value, quote: Option<&str>) -> Reply {
    assert!(info["origin"]["type"].is_string(), "an ExternalReplyInfo has its origin: {info}");
    let quote = quote.map(|text| json!({ "text": text, "position": 0, "is_manual": true }));
    Reply::Elsewhere { info, quote }
}

/// Adds a person, or gives one that is known already the names of the spec.
pub(super) fn add_user(shared: &Arc<Shared>, spec: UserSpec) -> i64 {
    let mut world = shared.world();
    let id = if spec.id == 0 { 5_000_000 + world.unique() } else { spec.id };
    world.users.insert(id, User::person(id, spec));
    id
}
