//! The user's topic in the operators' group, and what it shows.

use super::recent::remember;
use crate::{ChatId, GroupKey, MessageId, TopicId};

/// Life cycle of a conversation's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Not opened yet, or found deleted: the next send opens it.
    None,
    /// The topic is open.
    Open(TopicId),
    /// An operator closed the topic: the user's next message reopens it.
    Closed(TopicId),
}

impl Topic {
    /// Returns the topic, open or closed.
    pub fn id(self) -> Option<TopicId> {
        match self {
            Self::None => None,
            Self::Open(id) | Self::Closed(id) => Some(id),
        }
    }
}

/// What the desk knows of a conversation's topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicState {
    /// The group of the present topic, or of the next if there is none.
    pub group: GroupKey,
    /// The present topic.
    pub current: Topic,
    /// Former topics, which were lost, the latest last. Operators may still see them.
    pub former: Vec<TopicId>,
    /// The topic's name as it is at Telegram.
    pub title: Option<String>,
    /// The pinned card in the topic.
    pub card: Option<MessageId>,
    /// Hash of the content of the card last shown; zero if the user never had a card.
    pub card_hash: u32,
    /// Channels for which the topic already has the notice that their posts do not reach the user, the latest last.
    pub warned_channels: Vec<ChatId>,
}

impl Default for TopicState {
    fn default() -> Self {
        Self {
            group: GroupKey::FIRST,
            current: Topic::None,
            former: Vec::new(),
            title: None,
            card: None,
            card_hash: 0,
            warned_channels: Vec::new(),
        }
    }
}

impl TopicState {
    /// Maximum number of former topics that a conversation remembers.
    const MAX_FORMER: usize = 5;
    /// Maximum number of channels that a conversation remembers.
    const MAX_CHANNELS: usize = 8;

    /// Returns the present topic, open or closed.
    pub fn id(&self) -> Option<TopicId> {
        self.current.id()
    }

    /// Whether this is or was the user's topic.
    pub fn includes(&self, topic: TopicId) -> bool {
        self.id() == Some(topic) || self.former.contains(&topic)
    }

    /// Whether the user never had a topic. A user who has had a card is not a stranger, even if the topic was deleted.
    pub(crate) fn is_new(&self) -> bool {
        self.current == Topic::None && self.card_hash == 0
    }

    /// Remembers a former topic of the user: operators may still write in it.
    pub fn remember_former(&mut self, topic: TopicId) {
        remember(&mut self.former, topic, Self::MAX_FORMER);
    }

    /// Records that the topic has the notice about posts as this channel. Whether that is new.
    pub(crate) fn warn_of_channel(&mut self, channel: ChatId) -> bool {
        remember(&mut self.warned_channels, channel, Self::MAX_CHANNELS)
    }

    /// Records that this topic was opened. It shows nothing but its name yet.
    pub(super) fn opened(&mut self, topic: TopicId, title: String) {
        self.current = Topic::Open(topic);
        self.former.retain(|former| *former != topic);
        self.forget_shown();
        self.title = Some(title);
    }

    /// Records that a topic was deleted. Whether it was the present one: another, opened in the meantime, stays.
    pub(super) fn lost(&mut self, topic: TopicId) -> bool {
        let present = self.id() == Some(topic);
        if present {
            self.current = Topic::None;
            self.remember_former(topic);
            self.forget_shown();
        }
        present
    }

    fn forget_shown(&mut self) {
        self.title = None;
        self.card = None;
        self.warned_channels.clear();
    }
}
