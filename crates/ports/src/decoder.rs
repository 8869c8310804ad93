//! Telegram's JSON, turned into the desk's own words.

use std::fmt::Debug;

use domain::{ChatId, InboxLane, Incoming, UpdateId};

/// What is read of an update before it is stored: just enough to store it in the right lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Telegram's number; `None` if the text has none that can be read.
    pub update: Option<UpdateId>,
    /// Where it must wait.
    pub lane: InboxLane,
    /// What kind it is, for metrics.
    pub kind: UpdateKind,
}

/// The kinds of updates that metrics tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the Bot API's update field of that name")]
pub enum UpdateKind {
    Message,
    EditedMessage,
    CallbackQuery,
    MessageReaction,
    MyChatMember,
    Other,
}

/// Why an update could not be decoded. Says where, never what: contents are private.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the update cannot be decoded: {0}")]
pub struct DecodeError(pub String);

/// Decodes updates. Pure: the same text gives the same answer. Never panics.
pub trait Decoder: Debug + Send + Sync + 'static {
    /// Reads the envelope; what cannot be read is put into [`InboxLane::Desk`].
    fn envelope(&self, raw: &str, group: ChatId) -> Envelope;

    /// Decodes the whole update. `group` is the operators' group.
    fn decode(&self, raw: &str, group: ChatId) -> Result<Incoming, DecodeError>;
}
