//! Links: pairs of a message and its copy on the other side.

use crate::{Body, Fingerprint, MessageId, Millis, Side, UserId};

/// One message on both sides. Replies, edits, reactions and deletions use it to find their target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The user whose conversation it belongs to.
    pub user: UserId,
    /// The message in the user's private chat.
    pub user_message: MessageId,
    /// The message in the operators' group.
    pub staff_message: MessageId,
    /// The side where the message was written; the other side holds the bot's copy.
    pub origin: Side,
    /// The fingerprint of the content that the copy shows now.
    pub fingerprint: Fingerprint,
    /// When the link was made. Links are deleted after a configured number of days.
    pub at: Millis,
}

/// The key for looking up a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKey {
    /// The message in the user's private chat.
    User(UserId, MessageId),
    /// The message in the operators' group.
    Staff(MessageId),
}

impl LinkKey {
    /// Returns the key of a message of this conversation on the given side.
    pub fn on(side: Side, user: UserId, message: MessageId) -> Self {
        match side {
            Side::User => Self::User(user, message),
            Side::Staff => Self::Staff(message),
        }
    }
}

impl Link {
    /// Returns the message's id on the given side.
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
    /// No visible change.
    None,
    /// The text of a text message.
    Text,
    /// The caption of a file.
    Caption,
    /// The file, and perhaps its caption.
    Media,
    /// A copy of this kind cannot be edited: the new version is sent as a reply to the old one.
    Resend,
}

impl Change {
    /// Compares the content that the copy shows with the present content of the original.
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
