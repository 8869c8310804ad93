//! Events of the simulated world as people see them, for listeners such as the demo.

/// Something that happened in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The chat; for a private one, the person's id.
    pub chat: i64,
    /// The chat's title, or the person's name.
    pub chat_title: String,
    /// The topic, if it happened in one.
    pub topic: Option<i64>,
    /// Who did it: a name.
    pub actor: String,
    /// Whether it was the bot.
    pub by_bot: bool,
    /// What was done.
    pub kind: EventKind,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A message appeared.
    Sent {
        /// Its id in the chat.
        message: i64,
        /// `text`, `photo`, `forum_topic_created`, …
        kind: String,
        /// Its text or caption.
        text: Option<String>,
    },
    /// A message changed.
    Edited {
        /// Its id in the chat.
        message: i64,
        /// Its text or caption now.
        text: Option<String>,
    },
    /// Messages were deleted.
    Deleted {
        /// Their ids in the chat.
        messages: Vec<i64>,
    },
    /// A reaction was set or taken back.
    Reacted {
        /// The message's id in the chat.
        message: i64,
        /// The emoji; none if taken back.
        emoji: Option<String>,
    },
    /// A message was pinned or unpinned.
    Pinned {
        /// The message's id in the chat.
        message: i64,
        /// Whether it is pinned now.
        pinned: bool,
    },
    /// A button was pressed.
    Pressed {
        /// The message's id in the chat.
        message: i64,
        /// The button's data.
        data: String,
    },
    /// The bot answered a pressed button.
    Answered {
        /// What it showed.
        text: Option<String>,
    },
    /// A topic was created.
    TopicCreated {
        /// Its name.
        name: String,
    },
    /// A topic's name or icon changed.
    TopicEdited {
        /// Its name now.
        name: String,
        /// Its icon now.
        icon: Option<String>,
    },
    /// A topic was closed.
    TopicClosed,
    /// A topic was opened again.
    TopicReopened,
    /// A topic was deleted with its messages.
    TopicDeleted,
    /// A person blocked the bot, or the bot is no longer in a group.
    BotBlocked,
    /// A person unblocked the bot, or the bot is in a group again.
    BotUnblocked,
}
