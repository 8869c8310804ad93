//! Lanes: strict order within a lane, no order between lanes.

use super::{Partition, PartitionSet};
use crate::{TopicId, UserId};

/// The lane of an update. Updates of one lane are decided in the order in which they arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxLane {
    /// Everything that one user does in the private chat.
    User(UserId),
    /// Everything that operators do in one topic.
    Topic(TopicId),
    /// Updates that belong to no conversation.
    Desk,
}

impl InboxLane {
    /// Encodes the lane as a number, the form that stores keep. Telegram's ids have at most 52 bits.
    pub fn key(self) -> i64 {
        match self {
            Self::Desk => 0,
            Self::User(user) => (user.0 << 2) | 1,
            Self::Topic(topic) => (topic.0 << 2) | 2,
        }
    }

    /// The partition whose sequence numbers it takes; a topic's own, unless a store knows whose topic it is.
    pub fn partition(self) -> Partition {
        match self {
            Self::Desk => Partition::DESK,
            Self::User(UserId(id)) | Self::Topic(TopicId(id)) => Partition::of_number(id),
        }
    }

    /// Decodes [`InboxLane::key`]. An invalid number gives [`InboxLane::Desk`].
    pub fn from_key(key: i64) -> Self {
        match key & 3 {
            1 => Self::User(UserId(key >> 2)),
            2 => Self::Topic(TopicId(key >> 2)),
            _ => Self::Desk,
        }
    }
}

/// The lane of a send: one conversation, one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutboxLane {
    /// The conversation; zero for sends that belong to no conversation.
    pub user: UserId,
    /// The channel within the conversation.
    pub channel: Channel,
}

/// The independent streams of sends of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Answers to button presses, which expire.
    Button,
    /// Sends to the user's private chat.
    User,
    /// Sends to the user's topic.
    Topic,
    /// Cosmetic sends to the topic: name, card, pins.
    Cosmetic,
    /// Sends to the group's General topic, or to another chat.
    Desk,
    /// Reports to the tracker.
    Track,
    /// Newsletters to the user's private chat: they do not wait for the other messages there, nor those for them.
    Newsletter,
    /// Sends that have failed for minutes although other calls succeed: they wait here, so that the rest of the
    /// conversation continues.
    Stuck,
}

impl Channel {
    /// All channels, indexed by their number.
    pub const ALL: [Self; 8] = [
        Self::Button,
        Self::User,
        Self::Topic,
        Self::Cosmetic,
        Self::Desk,
        Self::Track,
        Self::Newsletter,
        Self::Stuck,
    ];
}

impl OutboxLane {
    /// Encodes the lane as a number, the form that stores keep.
    pub fn key(self) -> i64 {
        (self.user.0 << 3) | self.channel as i64
    }

    /// The partition of its conversation.
    pub fn partition(self) -> Partition {
        Partition::of(self.user)
    }

    /// Whether its conversation is in one of these partitions.
    pub fn is_in(self, partitions: PartitionSet) -> bool {
        partitions.contains(self.partition())
    }

    /// Decodes [`OutboxLane::key`]; `None` for a number with an unknown channel. Today every channel number is in use.
    pub fn from_key(key: i64) -> Option<Self> {
        let channel = *Channel::ALL.get(usize::try_from(key & 7).ok()?)?;
        Some(Self { user: UserId(key >> 3), channel })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_name_their_lanes() {
        for lane in [InboxLane::Desk, InboxLane::User(UserId(7)), InboxLane::Topic(TopicId(7))] {
            assert_eq!(InboxLane::from_key(lane.key()), lane);
        }
        for channel in Channel::ALL {
            let lane = OutboxLane { user: UserId((1 << 52) - 1), channel };
            assert_eq!(OutboxLane::from_key(lane.key()), Some(lane));
        }
    }
}
