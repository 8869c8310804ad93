//! Identifiers, one type each, so that the compiler keeps a topic from being taken for a message.

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
    /// Someone on Telegram. A user's private chat with the bot has the same number, and so has
    /// their conversation: one user, one conversation.
    UserId;
    /// A chat on Telegram: positive for a private chat, negative for a group.
    ChatId;
    /// A message, unique within its chat only.
    MessageId;
    /// A topic of the operators' group, or of a private chat, unique within it only: Telegram's `message_thread_id`.
    TopicId;
    /// Telegram's number of an update. Rises by one, but starts anew after a silent week.
    UpdateId;
    /// The store's number of a queued item; items of one lane are worked off in its order.
    Seq;
    /// The store's number of a dead letter.
    DeadId;
    /// A newsletter: when it was started, and by whom.
    NewsletterId;
}

impl UserId {
    /// The user's private chat with the bot.
    pub fn chat(self) -> ChatId {
        ChatId(self.0)
    }
}

/// Telegram's name for one press of a button; it expires within seconds.
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
    /// Where a message written on this side must arrive.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::User => Self::Staff,
            Self::Staff => Self::User,
        }
    }
}

impl DeadId {
    /// The number of a dead update.
    pub fn of_update(seq: Seq) -> Self {
        Self(seq.0 << 1)
    }

    /// The number of a dead send.
    pub fn of_send(seq: Seq) -> Self {
        Self((seq.0 << 1) | 1)
    }
}
