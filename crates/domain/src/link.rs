//! Pairs of messages: what was written, and its copy on the other side.

use super::{Body, Fingerprint, MessageId, Millis, Side, UserId};

/// One message on both sides. Replies, edits, reactions and deletions find their way by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The conversation.
    pub user: UserId,
    /// The message in the user's private chat.
    pub user_message: MessageId,
    /// The message in the operators' group.
    pub staff_message: MessageId,
    /// The side where it was written; the other side holds our copy.
    pub origin: Side,
    /// The contents that the copy shows.
    pub fingerprint: Fingerprint,
    /// When it was made; links are forgotten after a setting's number of days.
    pub at: Millis,
}

/// What a link is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKey {
    /// By the message in the user's private chat.
    User(UserId, MessageId),
    /// By the message in the operators' group.
    Staff(MessageId),
}

impl LinkKey {
    /// The key of a message of this conversation on that side.
    pub fn on(side: Side, user: UserId, message: MessageId) -> Self {
        match side {
            Side::User => Self::User(user, message),
            Side::Staff => Self::Staff(message),
        }
    }
}

impl Link {
    /// The message's id on that side.
    pub fn on(&self, side: Side) -> MessageId {
        match side {
            Side::User => self.user_message,
            Side::Staff => self.staff_message,
        }
    }
}

/// How a copy must change to show an edited original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing that can be seen changed.
    None,
    /// The words of a text message.
    Text,
    /// The words under a file.
    Caption,
    /// The file, and perhaps the words.
    Media,
    /// A copy of this kind cannot be edited: the new version is sent as an answer to the old one.
    Resend,
}

impl Change {
    /// Compares what the copy shows with what the original now is.
    pub fn between(shown: Fingerprint, now: Fingerprint, body: &Body) -> Self {
        if shown == now {
            return Self::None;
        }
        match (&body.media, shown.media == now.media) {
            (Some(_), true) => Self::Caption,
            (Some(_), false) => Self::Media,
            (None, _) if body.text.is_empty() => Self::Resend,
            (None, true) => Self::Text,
            (None, false) => Self::Resend,
        }
    }
}
