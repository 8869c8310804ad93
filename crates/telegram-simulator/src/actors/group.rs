//! A group with the bot: its topics, its messages, and what its owner does with the bot.

use std::sync::Arc;

use serde_json::Value;

use super::{SeenMessage, author::Author, person::add_user};
use crate::{
    Shared,
    world::{BotStatus, Chat, ChatKind, Rights, Standing, UserSpec},
};

/// A group with the bot.
#[derive(Debug, Clone)]
pub struct Group {
    /// The owner.
    pub(super) author: Author,
}

/// A topic of a forum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its `message_thread_id`.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it is closed.
    pub closed: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Its icon's custom emoji.
    pub icon: Option<String>,
}

impl Group {
    pub(crate) fn create(
        shared: &Arc<Shared>,
        title: &str,
        kind: ChatKind,
        rights: Rights,
    ) -> Self {
        let owner = add_user(shared, UserSpec::named("Owner"));
        let mut world = shared.world();
        let number = world.unique();
        let id = if kind == ChatKind::Group { -number } else { -1_001_000_000_000 - number };
        let mut chat = Chat::new(id, kind, title, BotStatus::Admin(rights));
        // Message 1 of a group is the one that created it.
        chat.next_message = 1;
        chat.members.insert(owner, Standing::Owner);
        world.chats.insert(id, chat);
        drop(world);
        Self { author: Author { shared: Arc::clone(shared), user: owner, chat: id } }
    }

    /// The group of this author, who counts as its owner.
    pub(crate) fn of(author: Author) -> Self {
        Self { author }
    }

    /// The group's id: the new one once it has migrated.
    pub fn id(&self) -> i64 {
        self.author.current_chat(&self.author.shared.world())
    }

    /// The owner's id.
    pub fn owner(&self) -> i64 {
        self.author.user
    }

    /// All topics that ever were, oldest first.
    pub fn topics(&self) -> Vec<Topic> {
        let world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        let topics = world.chats.get(&chat).into_iter().flat_map(|chat| &chat.topics);
        topics
            .map(|(id, topic)| Topic {
                id: *id,
                name: topic.name.clone(),
                closed: topic.closed,
                deleted: topic.deleted,
                icon: topic.icon.clone(),
            })
            .collect()
    }

    /// The messages of a topic, oldest first, without service messages.
    pub fn messages(&self, topic: i64) -> Vec<SeenMessage> {
        self.author.see(|_, message| message.topic == Some(topic) && !message.is_service())
    }

    /// The messages outside of any topic, oldest first, without service messages.
    pub fn general(&self) -> Vec<SeenMessage> {
        self.author.see(|_, message| message.topic.is_none() && !message.is_service())
    }

    /// Everything in the group, service messages too, oldest first.
    pub fn everything(&self) -> Vec<SeenMessage> {
        self.author.see(|_, _| true)
    }

    /// The pinned messages of a topic, oldest first.
    pub fn pinned(&self, topic: i64) -> Vec<SeenMessage> {
        self.messages(topic).into_iter().filter(|message| message.pinned).collect()
    }

    /// Makes the bot an administrator with these rights.
    pub fn set_bot_rights(&self, rights: Rights) {
        self.move_bot(BotStatus::Admin(rights));
    }

    /// Makes the bot an ordinary member.
    pub fn demote_bot(&self) {
        self.move_bot(BotStatus::Member);
    }

    /// Makes the bot a member who may not write.
    pub fn mute_bot(&self) {
        self.move_bot(BotStatus::Muted);
    }

    /// Removes the bot.
    pub fn kick_bot(&self) {
        self.move_bot(BotStatus::Kicked);
    }

    /// Forbids or allows forwarding and saving from here.
    pub fn protect(&self, protected: bool) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        if let Some(chat) = world.chats.get_mut(&chat) {
            chat.protected = protected;
        }
    }

    /// Turns topics on or off.
    pub fn set_forum(&self, forum: bool) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        if let Some(chat) = world.chats.get_mut(&chat) {
            chat.kind = ChatKind::Supergroup { forum };
        }
    }

    /// Deletes the group with everything in it, for good. The bot gets no update.
    ///
    /// From then on a basic group answers that it was deleted, and a supergroup what it answers a bot that was removed.
    pub fn delete(&self) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        let Some(chat) = world.chats.get_mut(&chat) else { return };
        chat.deleted = true;
        chat.bot = BotStatus::Kicked;
        chat.members.clear();
        chat.topics.clear();
        chat.messages.clear();
        chat.pinned.clear();
    }

    /// Turns the group into a supergroup with a new id, which it returns, and sends the bot the service messages.
    ///
    /// Simpler than Telegram: messages and topics come along under their old ids.
    pub fn migrate(&self) -> i64 {
        self.migrate_shifted(0)
    }

    /// Does the same, but each message and topic gets the id after its old one. So an old id names another message, or
    /// none.
    pub fn migrate_renumbered(&self) -> i64 {
        self.migrate_shifted(1)
    }

    fn migrate_shifted(&self, by: i64) -> i64 {
        let mut world = self.author.shared.world();
        let old = self.author.current_chat(&world);
        let new = -1_002_000_000_000 - world.unique();
        let owner = self.author.user;
        let Some(chat) = world.chats.get_mut(&old) else { return new };
        let kind = if chat.is_forum() { chat.kind } else { ChatKind::Supergroup { forum: false } };
        let mut next = Chat::new(new, kind, &chat.title.clone(), chat.bot);
        next.members.clone_from(&chat.members);
        next.take_over(chat, by);
        world.post_service(old, None, owner, "migrate_to_chat_id", Value::from(new));
        world.chats.insert(new, next);
        world.post_service(new, None, owner, "migrate_from_chat_id", Value::from(old));
        for chat in world.chats.values_mut() {
            if chat.id == old || chat.migrated_to == Some(old) {
                chat.migrated_to = Some(new);
            }
        }
        new
    }

    fn move_bot(&self, status: BotStatus) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        world.move_bot(chat, status, self.author.user);
    }
}
