//! Messages that the desk itself writes: to a user, to a topic, to another chat.

use super::Former;
use crate::{Button, ChatId, MessageId, Text, TopicId};

/// A message of the desk itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// The recipients.
    pub audience: Audience,
    /// The text.
    pub text: Text,
    /// The message to reply to, in the audience's chat.
    pub reply_to: Option<MessageId>,
    /// Rows of one button each.
    pub buttons: Vec<Button>,
    /// Whether to pin the message and remember it as the conversation's notice of silent mode.
    pub pin: bool,
}

/// The recipients of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The user, in the private chat.
    User,
    /// The operators, in the user's topic.
    Topic,
    /// The operators, in the user's topic, past the messages that wait for it.
    Aside,
    /// The operators, in a former topic of the user; in the present topic if the former one accepts no messages.
    Former(Former),
    /// Everybody in this chat.
    Chat {
        /// The chat.
        chat: ChatId,
        /// The topic in the chat.
        topic: Option<TopicId>,
    },
}
