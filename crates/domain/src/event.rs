//! Events: what updates mean to the desk. Adapters decode Telegram's updates into these.

use crate::{
    CallbackId, ChatId, Content, ContentKind, GroupKey, MessageId, Millis, Opaque, Press, Profile,
    Report, Role, TopicId, UpdateId, UserId,
};

/// One decoded update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Telegram's number of the update.
    pub update: UpdateId,
    /// When it happened according to Telegram, to the second; `None` if Telegram does not say.
    pub happened: Option<Millis>,
    /// The meaning of the update.
    pub event: Event,
}

/// The meaning of an update, by the place where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened in a user's private chat with the bot.
    User(UserEvent),
    /// Something happened in an operators' group.
    Staff(StaffEvent),
    /// Somebody asked for ids, in any group.
    AskedForIds {
        /// The group.
        chat: ChatId,
        /// The topic, if the group is a forum.
        topic: Option<TopicId>,
        /// The sender's user id, as Telegram reports it.
        user: UserId,
        /// The identity under which the sender wrote.
        asker: Asker,
        /// The message with the command.
        message: MessageId,
    },
    /// An update says that this operators' group has migrated. It is a hint: only Telegram's answer to a call moves the desk.
    GroupMigrated(GroupKey),
    /// The timer of a conversation has expired.
    Due(UserId),
    /// The update does not concern the desk.
    Ignored,
}

/// The identity under which somebody asks for ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Their own account: the user id is theirs.
    Person,
    /// The group, as an anonymous administrator. The user id belongs to a service account of Telegram.
    Anonymous,
    /// A channel. The user id belongs to a service account of Telegram, too.
    Channel,
}

/// Something that a user did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEvent {
    /// The user.
    pub user: UserId,
    /// The user's role.
    pub role: Role,
    /// The user's present profile.
    pub profile: Profile,
    /// The topic of the private chat in which the user wrote or pressed a button, if any.
    pub thread: Option<TopicId>,
    /// The user's act.
    pub act: UserAct,
}

/// The things that a user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAct {
    /// Wrote a message that is not a command of the bot.
    Wrote(Content),
    /// Wrote nothing: a service message in the chat that operators should know of.
    Happened(ContentKind),
    /// Edited a message.
    Edited(Content),
    /// Changed the reaction to a message; `None` removed it.
    Reacted {
        /// The message in the private chat.
        message: MessageId,
        /// The present reaction.
        reaction: Option<Opaque>,
    },
    /// Sent `/start`.
    Started,
    /// Sent `/help`.
    AskedForHelp,
    /// Sent `/language`.
    AskedForLanguages,
    /// Sent a command that the user's role allows. From other users the same text is an ordinary message.
    Commanded(DeskCommand),
    /// Pressed a button under a message of the bot.
    Pressed {
        /// Identifies the press, for the answer to it.
        callback: CallbackId,
        /// The message with the button, if Telegram still has it.
        message: Option<MessageId>,
        /// The pressed button.
        press: Press,
    },
    /// Blocked the bot or deleted the account.
    Left,
    /// Unblocked the bot.
    Returned,
}

/// Commands of the owner and the administrators, in their private chats with the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeskCommand {
    /// Report on the condition of the desk.
    Report(Report),
    /// Write a newsletter.
    Newsletter,
}

impl DeskCommand {
    /// Returns the lowest role that may give the command.
    pub fn role(self) -> Role {
        match self {
            Self::Report(Report::Status) | Self::Newsletter => Role::Administrator,
            Self::Report(Report::Doctor) => Role::Owner,
        }
    }
}

/// Something that an operator, or Telegram, did in an operators' group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffEvent {
    /// The group.
    pub group: GroupKey,
    /// The topic; `None` in General, or if Telegram does not say (reactions).
    pub topic: Option<TopicId>,
    /// The operator; `None` for an anonymous administrator, for a channel, or if Telegram does not say.
    pub operator: Option<UserId>,
    /// The act.
    pub act: StaffAct,
}

/// The things that can happen in the operators' group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffAct {
    /// An operator wrote a message for the user.
    Wrote(Content),
    /// An operator wrote a note: a message that starts with `//`.
    Noted {
        /// The message.
        content: Content,
        /// Whether an edit turned the message into a note.
        edited: bool,
    },
    /// Somebody wrote a message for the user, or a command, under the identity of a channel: the author is unknown.
    WroteAsChannel {
        /// The message.
        message: MessageId,
        /// The channel.
        channel: ChatId,
    },
    /// An operator edited a message.
    Edited(Content),
    /// Somebody changed the reaction to a message; `None` removed it.
    Reacted {
        /// The message in the group.
        message: MessageId,
        /// The present reaction.
        reaction: Option<Opaque>,
    },
    /// An operator sent a command.
    Commanded {
        /// The command.
        command: StaffCommand,
        /// The message with the command.
        message: MessageId,
        /// The message that the command replies to.
        reply_to: Option<MessageId>,
    },
    /// An operator pressed a button under a message of the bot.
    Pressed {
        /// Identifies the press, for the answer to it.
        callback: CallbackId,
        /// The message with the button.
        message: Option<MessageId>,
        /// The pressed button.
        press: Press,
    },
    /// An operator closed the topic in a Telegram app.
    ClosedTopic,
    /// An operator reopened the topic in a Telegram app.
    ReopenedTopic,
}

/// The operators' commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the command of that name")]
pub enum StaffCommand {
    Ban,
    Silent,
    Information,
    Delete,
    Close,
    Reopen,
    Help,
    /// A command that does not exist. It is not relayed, because it was meant for the bot.
    Unknown,
}

/// How the conversation that an event concerns is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The conversation of this user, new or known.
    User(UserId),
    /// The conversation that has or had this topic.
    Topic(TopicId),
    /// The conversation that this message of the group belongs to.
    StaffMessage(MessageId),
    /// The event concerns no conversation.
    Nobody,
}

impl Event {
    /// Returns how the event's conversation is found.
    pub fn subject(&self) -> Subject {
        match self {
            Self::User(event) => Subject::User(event.user),
            Self::Due(user) => Subject::User(*user),
            Self::Staff(StaffEvent { topic: Some(topic), .. }) => Subject::Topic(*topic),
            Self::Staff(StaffEvent { topic: None, act, .. }) => match act {
                StaffAct::Reacted { message, .. } => Subject::StaffMessage(*message),
                StaffAct::Edited(content) => Subject::StaffMessage(content.message),
                StaffAct::Wrote(content) => content
                    .reply
                    .as_ref()
                    .map_or(Subject::Nobody, |reply| Subject::StaffMessage(reply.to)),
                StaffAct::Noted { .. }
                | StaffAct::WroteAsChannel { .. }
                | StaffAct::Commanded { .. }
                | StaffAct::Pressed { .. }
                | StaffAct::ClosedTopic
                | StaffAct::ReopenedTopic => Subject::Nobody,
            },
            Self::AskedForIds { .. } | Self::GroupMigrated(_) | Self::Ignored => Subject::Nobody,
        }
    }
}
