//! Lanes: strict order within one, none between two.

use super::{PARTS, TopicId, UserId};

/// Where an update waits. Updates of one lane are decided in the order they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxLane {
    /// What one user does in the private chat.
    User(UserId),
    /// What operators do in one topic.
    Topic(TopicId),
    /// Everything that belongs to no conversation.
    Desk,
}

impl InboxLane {
    /// The lane as one number, as stores keep it. Telegram's ids have at most 52 bits.
    pub fn key(self) -> i64 {
        match self {
            Self::Desk => 0,
            Self::User(user) => (user.0 << 2) | 1,
            Self::Topic(topic) => (topic.0 << 2) | 2,
        }
    }

    /// The part of its numbers; of a topic, unless a store knows whose it is.
    pub fn part(self) -> i64 {
        match self {
            Self::Desk => 0,
            Self::User(UserId(id)) | Self::Topic(TopicId(id)) => id.rem_euclid(PARTS),
        }
    }

    /// The reverse of [`InboxLane::key`]; a number that is no key is the desk's.
    pub fn from_key(key: i64) -> Self {
        match key & 3 {
            1 => Self::User(UserId(key >> 2)),
            2 => Self::Topic(TopicId(key >> 2)),
            _ => Self::Desk,
        }
    }
}

/// Where a send waits: one conversation, one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OutboxLane {
    /// The conversation; zero for what belongs to none.
    pub user: UserId,
    /// Where in it.
    pub channel: Channel,
}

/// The independent streams of a conversation's sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Answers to presses of buttons, which expire.
    Button,
    /// To the user's private chat.
    User,
    /// To the user's topic.
    Topic,
    /// The topic's looks: name, card, pins.
    Cosmetic,
    /// To the group's General, or to another chat.
    Desk,
    /// To the tracker.
    Track,
    /// Newsletters, to the user's private chat: they wait for nothing that is said in it, nor it for them.
    Newsletter,
    /// What Telegram fails to do for minutes while it does other things: it waits here, and its conversation goes on.
    Stuck,
}

impl Channel {
    /// All of them, each at the place of its number.
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
    /// The lane as one number, as stores keep it.
    pub fn key(self) -> i64 {
        (self.user.0 << 3) | self.channel as i64
    }

    /// The part of its numbers: that of its conversation.
    pub fn part(self) -> i64 {
        self.user.0.rem_euclid(PARTS)
    }

    /// The reverse of [`OutboxLane::key`]; `None` for a number that is no key, of which there are none today.
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
