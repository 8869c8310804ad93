//! Identifiers, each with its own type, so that the compiler rejects a topic id in place of a message id.

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A person on Telegram. The user's private chat with the bot has the same number, and so has the user's
    /// conversation: each user has exactly one.
    UserId;
    /// A chat on Telegram: positive for a private chat, negative for a group.
    ChatId;
    /// A message id, unique within its chat only.
    MessageId;
    /// A topic of the operators' group or of a private chat, unique within that chat only: Telegram's
    /// `message_thread_id`.
    TopicId;
    /// Telegram's number of an update. Rises by one, but restarts at an arbitrary number after a week without updates.
    UpdateId;
    /// The store's number of a queued item; items of one lane are processed in ascending order.
    Seq;
    /// The number of a dead letter.
    DeadId;
    /// A newsletter, identified by its start time and its author.
    NewsletterId;
}

impl UserId {
    /// Returns the user's private chat with the bot.
    pub fn chat(self) -> ChatId {
        ChatId(self.0)
    }
}

/// Telegram's id of one button press; it expires within seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackId(pub String);

/// The two sides of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The private chat with the user.
    User,
    /// The operators' group.
    Staff,
}

impl Side {
    /// Returns the side at which a message written on this side must arrive.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::User => Self::Staff,
            Self::Staff => Self::User,
        }
    }
}

impl DeadId {
    /// Returns the dead letter number of an update.
    pub fn of_update(seq: Seq) -> Self {
        Self(seq.0 << 1)
    }

    /// Returns the dead letter number of a send.
    pub fn of_send(seq: Seq) -> Self {
        Self((seq.0 << 1) | 1)
    }
}
