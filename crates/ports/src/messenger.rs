//! Calls to Telegram: every id is resolved, nothing is left to decide.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use domain::{
    Body, CallbackId, ChatId, LinkRows, MessageId, Opaque, Quote, TopicId, UrlButton, UserId,
};

/// A chat, and a topic in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The chat.
    pub chat: ChatId,
    /// The topic, in a forum.
    pub topic: Option<TopicId>,
}

/// A message to answer, in the chat that is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The message.
    pub to: MessageId,
    /// The part that is quoted.
    pub quote: Option<Quote>,
}

/// Rows of one button each: label and data.
pub type Keys = Vec<(String, String)>;

/// A picture to send.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its name, to say which was sent.
    pub name: String,
    /// What it is sent by.
    pub source: PhotoSource,
}

/// What a picture is sent by.
#[derive(Clone, PartialEq, Eq)]
pub enum PhotoSource {
    /// Telegram's name of it.
    Known(String),
    /// What is in it, to be uploaded.
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

/// One call. `html` is text in Telegram's HTML.
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
    /// Ids strictly increasing, at most 100; what cannot be found is skipped in silence.
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
    /// `html` is its caption; it may be empty.
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
    /// One copy with buttons that open pages; `paid`: beyond Telegram's limits, for Stars.
    Broadcast {
        to: Address,
        from: ChatId,
        message: MessageId,
        links: Vec<UrlButton>,
        paid: bool,
    },
    /// A file, with what stands under it.
    Document {
        to: Address,
        name: String,
        content: Arc<[u8]>,
        html: String,
    },
    /// What cannot be found is skipped in silence.
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
    /// The chat that it is made in, and the topic there if it names one; an answer to a press is made in none.
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

/// What Telegram did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The ids of the messages made, in order; for copies of many, perhaps fewer than asked for.
    pub messages: Vec<MessageId>,
    /// The topic that was opened.
    pub opened: Option<TopicId>,
    /// The topic that the message landed in, where Telegram says so: `Some(None)` is General.
    pub landed: Option<Option<TopicId>>,
    /// Telegram's name of the picture that was sent.
    pub file: Option<String>,
}

/// Why Telegram did not do it. The variant is the policy: see `adapters/telegram/errors.rs` for
/// the texts that lead to each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Too many requests; the chat must be left alone this long.
    #[error("telegram asks to wait {0:?}")]
    Throttled(Duration),
    /// Telegram did not answer, or not as it should. With `perhaps_done`, it may have done it.
    #[error("telegram is not available: {why}")]
    Unavailable {
        /// What happened; never holds texts, names or the token.
        why: String,
        /// The request was sent whole, its answer never came.
        perhaps_done: bool,
    },
    /// The desk itself cannot work: token revoked, bot removed from the group, rights taken away.
    #[error("the bot may not do this: {0}")]
    DeskBroken(String),
    /// The group has this id from now on.
    #[error("the group moved to another id")]
    Migrated(ChatId),
    /// The topic is gone.
    #[error("the topic is gone")]
    TopicGone,
    /// The topic is closed.
    #[error("the topic is closed")]
    TopicClosed,
    /// It is so already: not modified, already closed.
    #[error("it is so already")]
    AlreadyDone,
    /// The user blocked the bot.
    #[error("the user blocked the bot")]
    Blocked,
    /// The user's account is gone, or never talked to the bot.
    #[error("the user cannot be written to")]
    Gone,
    /// The message to answer does not exist there.
    #[error("the message to answer is not there")]
    ReplyGone,
    /// The quote is not part of the message answered.
    #[error("the quote does not match")]
    QuoteInvalid,
    /// Telegram does not know the file by this name (any more).
    #[error("the file is not known")]
    FileGone,
    /// The message to copy, edit or delete does not exist.
    #[error("the message is not there")]
    MessageGone,
    /// Telegram lets no bot copy this message.
    #[error("this message cannot be copied")]
    NotCopyable,
    /// The message can no longer be edited or deleted.
    #[error("too late to change this message")]
    TooLate,
    /// The user's privacy settings forbid this kind.
    #[error("the user does not accept this kind")]
    Privacy,
    /// Anything else that trying again will not change.
    #[error("telegram refused: {0}")]
    Refused(String),
}

/// Makes calls.
pub trait Messenger: Send + Sync + 'static {
    /// Makes one call, once: no retry, no pacing. It may have been made before: callers repeat after a
    /// crash or a lost answer. Bounded in time. Cancelled, it may or may not have been done.
    fn perform(&self, call: &Call) -> impl Future<Output = Result<Receipt, SendError>> + Send;

    /// Asks Telegram who the bot is: whether it answers, and knows the token. Nothing is done by it. Bounded in time.
    fn reach(&self) -> impl Future<Output = Result<(), SendError>> + Send;

    /// Whether somebody is in a group. An error where Telegram does not say so for sure. Bounded in time.
    fn is_member(
        &self,
        group: ChatId,
        user: UserId,
    ) -> impl Future<Output = Result<bool, SendError>> + Send;

    /// Asks Telegram whether a group has topics now. Nothing is done by it. Bounded in time.
    fn has_topics(&self, group: ChatId) -> impl Future<Output = Result<bool, SendError>> + Send;
}
