//! A person in a group with the bot.

use super::{Content, Group, MessageId, author::Author, person::add_user};
use crate::{
    methods::topics,
    world::{Rights, Standing, UserSpec},
};

/// A person in a group with the bot: an administrator ([`Group::operator`]) or an ordinary member ([`Group::member`]).
#[derive(Debug, Clone)]
pub struct Operator {
    author: Author,
}

impl Operator {
    pub(super) fn join(group: &Group, spec: UserSpec, standing: Standing) -> Self {
        let user = add_user(&group.author.shared, spec);
        let mut world = group.author.shared.world();
        let chat = group.author.current_chat(&world);
        if let Some(entry) = world.chats.get_mut(&chat) {
            entry.members.insert(user, standing);
        }
        drop(world);
        Self { author: Author { user, ..group.author.clone() } }
    }

    /// A person who is in the group already.
    pub(crate) fn of(author: Author) -> Self {
        Self { author }
    }

    /// The person's id.
    pub fn id(&self) -> i64 {
        self.author.user
    }

    /// Writes in a topic; commands in the text are seen as such.
    pub fn writes_in(&self, topic: i64, text: &str) -> MessageId {
        self.sends_in(topic, Content::text(text))
    }

    /// Sends any content into a topic.
    pub fn sends_in(&self, topic: i64, content: Content) -> MessageId {
        self.author.send(Some(topic), content, None, None)
    }

    /// Sends an album into a topic: its `media_group_id` and its messages.
    pub fn sends_album_in(&self, topic: i64, pieces: Vec<Content>) -> (String, Vec<MessageId>) {
        self.author.send_album(Some(topic), pieces, None)
    }

    /// Answers a message of a topic with an album.
    pub fn replies_with_album_in(
        &self,
        topic: i64,
        message: MessageId,
        pieces: Vec<Content>,
    ) -> (String, Vec<MessageId>) {
        let reply = self.author.reply(message, None);
        self.author.send_album(Some(topic), pieces, Some(&reply))
    }

    /// Sends one more piece of an album, late.
    pub fn sends_late_in(&self, topic: i64, media_group_id: &str, piece: Content) -> MessageId {
        self.author.send(Some(topic), piece, None, Some(media_group_id))
    }

    /// Answers a message of a topic.
    pub fn replies_in(
        &self,
        topic: i64,
        message: MessageId,
        content: impl Into<Content>,
    ) -> MessageId {
        let reply = self.author.reply(message, None);
        self.author.send(Some(topic), content.into(), Some(reply), None)
    }

    /// Answers a part of a message of a topic.
    pub fn quotes_in(
        &self,
        topic: i64,
        message: MessageId,
        quote: &str,
        content: impl Into<Content>,
    ) -> MessageId {
        let reply = self.author.reply(message, Some(quote));
        self.author.send(Some(topic), content.into(), Some(reply), None)
    }

    /// Forwards a message of the group into a topic.
    pub fn forwards_in(&self, topic: i64, message: MessageId) -> Option<MessageId> {
        self.author.forward(Some(topic), message)
    }

    /// Writes outside of any topic.
    pub fn writes_in_general(&self, text: &str) -> MessageId {
        self.sends_in_general(Content::text(text))
    }

    /// Sends any content outside of any topic.
    pub fn sends_in_general(&self, content: Content) -> MessageId {
        self.author.send(None, content, None, None)
    }

    /// Answers a message outside of any topic.
    pub fn replies_in_general(&self, message: MessageId, content: impl Into<Content>) -> MessageId {
        let reply = self.author.reply(message, None);
        self.author.send(None, content.into(), Some(reply), None)
    }

    /// Edits one of the operator's messages; `false` if the message does not exist.
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

    /// Creates a topic.
    pub fn opens_topic(&self, name: &str) -> i64 {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        topics::open(&mut world, chat, self.author.user, name, topics::COLOURS[0], None)
    }

    /// Closes a topic.
    pub fn closes(&self, topic: i64) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        topics::set_closed(&mut world, chat, topic, self.author.user, true);
    }

    /// Opens a closed topic again.
    pub fn reopens(&self, topic: i64) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        topics::set_closed(&mut world, chat, topic, self.author.user, false);
    }

    /// Deletes a topic with its messages. The bot gets no update, as at Telegram.
    pub fn deletes_topic(&self, topic: i64) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        topics::remove(&mut world, chat, topic, self.author.user);
    }

    /// Gives a topic another name.
    pub fn renames_topic(&self, topic: i64, name: &str) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        topics::change(&mut world, chat, topic, self.author.user, Some(name), None);
    }

    /// Gives the group another title.
    pub fn renames_group(&self, title: &str) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        if let Some(entry) = world.chats.get_mut(&chat) {
            title.clone_into(&mut entry.title);
        }
        world.post_service(chat, None, self.author.user, "new_chat_title", title.into());
    }

    /// Is made an ordinary member.
    pub fn becomes_member(&self) {
        self.set_standing(Standing::Member);
    }

    /// Is made an administrator with these rights.
    pub fn becomes_admin(&self, rights: Rights) {
        self.set_standing(Standing::Admin(rights));
    }

    /// Leaves the group.
    pub fn leaves(&self) {
        self.set_standing(Standing::Left);
    }

    fn set_standing(&self, standing: Standing) {
        let mut world = self.author.shared.world();
        let chat = self.author.current_chat(&world);
        let user = self.author.user;
        let Some(entry) = world.chats.get_mut(&chat) else { return };
        let old = entry.members.insert(user, standing).unwrap_or(Standing::Left);
        let person = world.user_value(user);
        let update = serde_json::json!({
            "chat": world.chat_value(chat), "from": person, "date": world.date(),
            "old_chat_member": crate::methods::members::member(old, &person),
            "new_chat_member": crate::methods::members::member(standing, &person),
        });
        world.queue_update("chat_member", chat, &update);
    }
}

impl Group {
    /// Adds an administrator.
    pub fn operator(&self, spec: UserSpec) -> Operator {
        Operator::join(self, spec, Standing::Admin(Rights::all()))
    }

    /// Adds an ordinary member.
    pub fn member(&self, spec: UserSpec) -> Operator {
        Operator::join(self, spec, Standing::Member)
    }
}

impl From<&Operator> for super::Person {
    /// The same person in a private chat with the bot.
    fn from(operator: &Operator) -> Self {
        Self::of(&operator.author.shared, operator.author.user)
    }
}
