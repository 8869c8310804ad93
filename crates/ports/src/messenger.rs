//! Calls of the Bot API, with every id resolved and no decision left to make.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    Body, CallbackId, ChatId, GroupKey, LinkRows, MessageId, Opaque, Quote, TopicId, UrlButton,
    UserId,
};

/// A chat and, in a forum, a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The chat.
    pub chat: ChatId,
    /// The topic; `None` outside a forum, and in the General topic.
    pub topic: Option<TopicId>,
}

/// A message to reply to, in the chat of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The id of the message.
    pub to: MessageId,
    /// The quoted part of the message, if any.
    pub quote: Option<Quote>,
}

/// Rows of one button each, as label and callback data.
pub type Keys = Vec<(String, String)>;

/// A picture to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// The name of the picture in the scene.
    pub name: String,
    /// The file on Telegram's servers, or the content to upload.
    pub source: PhotoSource,
}

/// The source of a picture.
#[derive(Clone, PartialEq, Eq)]
pub enum PhotoSource {
    /// Telegram's `file_id` of the picture.
    Known(String),
    /// The content, to be uploaded.
    New(Arc<[u8]>),
}

impl fmt::Debug for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Photo").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for PhotoSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "Known",
            Self::New(_) => "New",
        })
    }
}

/// One call of the Bot API. `html` is text in Telegram's HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the Bot API's method of that name, with its parameters")]
pub enum Call {
    Copy {
        to: Address,
        from: ChatId,
        message: MessageId,
        reply: Option<Resolved>,
        links: LinkRows,
    },
    /// Ids strictly ascending, at most 100; Telegram silently skips messages that it cannot find.
    CopyMany {
        to: Address,
        from: ChatId,
        messages: Vec<MessageId>,
    },
    Forward {
        to: Address,
        from: ChatId,
        message: MessageId,
    },
    ForwardMany {
        to: Address,
        from: ChatId,
        messages: Vec<MessageId>,
    },
    /// 2 to 10 bodies with media.
    Album {
        to: Address,
        pieces: Vec<Body>,
        reply: Option<Resolved>,
    },
    Say {
        to: Address,
        html: String,
        reply: Option<Resolved>,
        keys: Keys,
    },
    /// `html` is the caption; it may be empty.
    Photo {
        to: Address,
        photo: Photo,
        html: String,
        keys: Keys,
    },
    EditText {
        chat: ChatId,
        message: MessageId,
        body: Body,
        links: LinkRows,
    },
    EditCaption {
        chat: ChatId,
        message: MessageId,
        body: Body,
        links: LinkRows,
    },
    EditMedia {
        chat: ChatId,
        message: MessageId,
        body: Body,
        links: LinkRows,
    },
    EditSaid {
        chat: ChatId,
        message: MessageId,
        html: String,
        keys: Keys,
    },
    RemoveKeys {
        chat: ChatId,
        message: MessageId,
    },
    React {
        chat: ChatId,
        message: MessageId,
        reaction: Option<Opaque>,
    },
    Delete {
        chat: ChatId,
        message: MessageId,
    },
    Pin {
        chat: ChatId,
        message: MessageId,
    },
    Unpin {
        chat: ChatId,
        message: MessageId,
    },
    /// One copy with buttons that open pages. `paid`: beyond the free rate limit, for Telegram Stars.
    Broadcast {
        to: Address,
        from: ChatId,
        message: MessageId,
        links: Vec<UrlButton>,
        paid: bool,
    },
    /// A file, with `html` as its caption.
    Document {
        to: Address,
        name: String,
        content: Arc<[u8]>,
        html: String,
    },
    /// Telegram silently skips messages that it cannot find.
    DeleteMany {
        chat: ChatId,
        messages: Vec<MessageId>,
    },
    OpenTopic {
        chat: ChatId,
        title: String,
        icon: Option<String>,
    },
    RenameTopic {
        chat: ChatId,
        topic: TopicId,
        title: String,
    },
    CloseTopic {
        chat: ChatId,
        topic: TopicId,
    },
    ReopenTopic {
        chat: ChatId,
        topic: TopicId,
    },
    Answer {
        callback: CallbackId,
        text: Option<String>,
    },
}

impl Call {
    /// Returns the chat of the call, with the topic if the call names one; `None` for an answer to a button press.
    pub fn place(&self) -> Option<Address> {
        match self {
            Self::Copy { to, .. }
            | Self::CopyMany { to, .. }
            | Self::Forward { to, .. }
            | Self::ForwardMany { to, .. }
            | Self::Album { to, .. }
            | Self::Say { to, .. }
            | Self::Photo { to, .. }
            | Self::Broadcast { to, .. }
            | Self::Document { to, .. } => Some(*to),
            Self::EditText { chat, .. }
            | Self::EditCaption { chat, .. }
            | Self::EditMedia { chat, .. }
            | Self::EditSaid { chat, .. }
            | Self::RemoveKeys { chat, .. }
            | Self::React { chat, .. }
            | Self::Delete { chat, .. }
            | Self::Pin { chat, .. }
            | Self::Unpin { chat, .. }
            | Self::DeleteMany { chat, .. }
            | Self::OpenTopic { chat, .. } => Some(Address { chat: *chat, topic: None }),
            Self::RenameTopic { chat, topic, .. }
            | Self::CloseTopic { chat, topic }
            | Self::ReopenTopic { chat, topic } => {
                Some(Address { chat: *chat, topic: Some(*topic) })
            }
            Self::Answer { .. } => None,
        }
    }

    /// Whether Telegram's refusal may be about this chat: the call is made in it, or takes a message from it.
    pub fn concerns(&self, chat: ChatId) -> bool {
        let source = match self {
            Self::Copy { from, .. }
            | Self::CopyMany { from, .. }
            | Self::Forward { from, .. }
            | Self::ForwardMany { from, .. }
            | Self::Broadcast { from, .. } => Some(*from),
            Self::Album { .. }
            | Self::Say { .. }
            | Self::Photo { .. }
            | Self::EditText { .. }
            | Self::EditCaption { .. }
            | Self::EditMedia { .. }
            | Self::EditSaid { .. }
            | Self::RemoveKeys { .. }
            | Self::React { .. }
            | Self::Delete { .. }
            | Self::Pin { .. }
            | Self::Unpin { .. }
            | Self::Document { .. }
            | Self::DeleteMany { .. }
            | Self::OpenTopic { .. }
            | Self::RenameTopic { .. }
            | Self::CloseTopic { .. }
            | Self::ReopenTopic { .. }
            | Self::Answer { .. } => None,
        };
        source == Some(chat) || self.place().is_some_and(|place| place.chat == chat)
    }
}

/// The result of a successful call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Ids of the new messages, in order; for copies of several messages, perhaps fewer than requested.
    pub messages: Vec<MessageId>,
    /// The topic that was opened.
    pub opened: Option<TopicId>,
    /// The topic that the message landed in, if Telegram reports it: `Some(None)` is General.
    pub landed: Option<Option<TopicId>>,
    /// Telegram's `file_id` of the picture that was sent.
    pub file: Option<String>,
}

impl Receipt {
    /// The receipt of a call in this group, with its messages and topics as those of the group.
    #[must_use]
    pub fn in_group(self, group: GroupKey) -> Self {
        let topic = |topic: TopicId| TopicId::in_group(group, topic.0);
        let message = |message: MessageId| MessageId::in_group(group, message.0);
        Self {
            messages: self.messages.into_iter().map(message).collect(),
            opened: self.opened.map(topic),
            landed: self.landed.map(|landed| landed.map(topic)),
            file: self.file,
        }
    }
}

/// Why a call failed. The variant is the policy; the Telegram adapter maps Telegram's error texts to variants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many requests: make no call to the chat for this long.
    #[error("telegram asks to wait {0:?}")]
    Throttled(Duration),
    /// Telegram did not answer, or its answer cannot be used. With `perhaps_done`, the call may have taken effect.
    #[error("telegram is not available: {why}")]
    Unavailable {
        /// The failure; never contains message texts, names or the token.
        why: String,
        /// Whether the whole request was sent although no answer arrived.
        perhaps_done: bool,
    },
    /// The desk as a whole cannot work: the token is revoked.
    #[error("the bot cannot work: {0}")]
    DeskBroken(String),
    /// The bot cannot work in the group that the call goes to, or takes a message from: it was removed from it or lost its
    /// rights.
    #[error("the bot cannot work: {0}")]
    GroupBroken(String),
    /// The group has migrated to this id.
    #[error("the group has migrated to another id")]
    Migrated(ChatId),
    /// The topic was deleted.
    #[error("the topic is gone")]
    TopicGone,
    /// The topic is closed.
    #[error("the topic is closed")]
    TopicClosed,
    /// Nothing to change, for example: message not modified, topic already closed.
    #[error("there is nothing to change")]
    AlreadyDone,
    /// The user blocked the bot.
    #[error("the user blocked the bot")]
    Blocked,
    /// The user deleted the account, or never wrote to the bot.
    #[error("the user cannot be written to")]
    Gone,
    /// The message to reply to does not exist in this chat.
    #[error("the message to reply to does not exist")]
    ReplyGone,
    /// The quote is not part of the message replied to.
    #[error("the quote does not match")]
    QuoteInvalid,
    /// Telegram does not know the file by this `file_id`, or no longer does.
    #[error("telegram does not know the file")]
    FileGone,
    /// The message to copy, edit or delete does not exist.
    #[error("the message is not there")]
    MessageGone,
    /// Telegram does not let bots copy this message.
    #[error("this message cannot be copied")]
    NotCopyable,
    /// The message is too old to be edited or deleted.
    #[error("too late to change this message")]
    TooLate,
    /// The user's privacy settings forbid this kind of message.
    #[error("the user does not accept this kind of message")]
    Privacy,
    /// Any other permanent refusal.
    #[error("telegram refused: {0}")]
    Refused(String),
}

/// Makes calls of the Bot API.
#[async_trait]
pub trait Messenger: fmt::Debug + Send + Sync + 'static {
    /// Makes one call once: no retry, no rate limiting. The call may have been made before, because callers repeat it
    /// after a crash or a lost answer. Bounded in time. If cancelled, it may or may not have taken effect.
    async fn perform(&self, call: &Call) -> Result<Receipt, SendError>;

    /// Asks Telegram who the bot is: checks that Telegram answers and accepts the token. Has no side effect. Bounded in
    /// time.
    async fn reach(&self) -> Result<(), SendError>;

    /// Whether the user is a member of the group. Fails if Telegram gives no certain answer. Bounded in time.
    async fn is_member(&self, group: ChatId, user: UserId) -> Result<bool, SendError>;

    /// Whether the group has topics now. Has no side effect. Bounded in time.
    async fn has_topics(&self, group: ChatId) -> Result<bool, SendError>;
}
