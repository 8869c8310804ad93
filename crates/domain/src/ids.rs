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
    /// A message of a private chat, unique within that chat only, or of an operators' group: see [`MessageId::in_group`].
    MessageId;
    /// A topic, Telegram's `message_thread_id`: of a private chat, unique within that chat only, or of an operators' group:
    /// see [`TopicId::in_group`].
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

/// Bits of the number of a message or topic at Telegram. The key of its group stands above them.
const NUMBER_BITS: u32 = 40;
const NUMBER: i64 = (1 << NUMBER_BITS) - 1;

/// An operators' group, by the number that the store gave it. Telegram's id of a group may change; this never does, and it
/// is never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GroupKey(u16);

impl GroupKey {
    /// The group that the desk began with.
    pub const FIRST: Self = Self(0);
    /// Number of groups that a desk can have in its life. With it, a message's number still fits into 52 bits.
    pub const COUNT: u16 = 1 << 12;

    /// The last group that a desk can have.
    pub const LAST: Self = Self(Self::COUNT - 1);

    /// The group with this number; `None` from [`GroupKey::COUNT`] on.
    pub fn new(number: u16) -> Option<Self> {
        (number < Self::COUNT).then_some(Self(number))
    }

    /// Returns its number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The group in the upper bits of a message or topic.
    fn above(id: i64) -> Self {
        // Ids that no group can have are of the first: they fail at Telegram as what they are.
        u16::try_from(id >> NUMBER_BITS).ok().and_then(Self::new).unwrap_or_default()
    }
}

macro_rules! of_groups {
    ($($name:ident)*) => {$(
        impl $name {
            /// The one with this number at Telegram in this group. Groups number theirs alike; their keys keep them apart, in
            /// memory and wherever they are stored. Those of the first group have the same number here and at Telegram.
            pub fn in_group(group: GroupKey, number: i64) -> Self {
                Self(i64::from(group.0) << NUMBER_BITS | number)
            }

            /// Bits of its number at Telegram; the key of its group stands above them.
            pub const NUMBER_BITS: u32 = NUMBER_BITS;

            /// Returns the operators' group that it is in, unless it is of a private chat.
            pub fn group(self) -> GroupKey {
                GroupKey::above(self.0)
            }

            /// Returns its number at Telegram, in its chat.
            pub fn number(self) -> i64 {
                if self.group() == GroupKey::FIRST { self.0 } else { self.0 & NUMBER }
            }
        }
    )*};
}

of_groups! { MessageId TopicId }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_group_and_its_number_there() {
        for group in [0, 1, 7, GroupKey::COUNT - 1] {
            let group = GroupKey::new(group).unwrap();
            for number in [1, 42, i64::from(i32::MAX), NUMBER] {
                let message = MessageId::in_group(group, number);
                assert_eq!((message.group(), message.number()), (group, number));
                assert!(message.0 < 1 << 52);
                let topic = TopicId::in_group(group, number);
                assert_eq!((topic.group(), topic.number()), (group, number));
            }
        }
    }

    #[test]
    fn numbers_that_no_group_can_have_stay_as_they_are() {
        for number in [-1, i64::MIN, i64::MAX, 1 << 52, (1 << 62) | 7] {
            assert_eq!(
                (TopicId(number).group(), TopicId(number).number()),
                (GroupKey::FIRST, number)
            );
        }
    }

    #[test]
    fn in_the_first_group_numbers_are_those_at_telegram() {
        assert_eq!(MessageId::in_group(GroupKey::FIRST, 42), MessageId(42));
        assert_eq!(GroupKey::new(GroupKey::COUNT), None);
    }
}
