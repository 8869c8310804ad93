//! Decoding of Telegram's JSON into events.

use std::fmt::Debug;

use domain::{GroupChats, InboxLane, Incoming, UpdateId};

/// The part of an update that is read before it is stored: just enough to choose its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Telegram's number of the update; `None` if the JSON has no readable number.
    pub update: Option<UpdateId>,
    /// The lane in which the update waits.
    pub lane: InboxLane,
    /// The kind of update, for metrics.
    pub kind: UpdateKind,
}

/// The kinds of updates that metrics distinguish.
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

/// Why an update could not be decoded. Names the location, never the content, which is private.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the update cannot be decoded: {0}")]
pub struct DecodeError(pub String);

/// Decodes updates. Pure: the same text gives the same result. Never panics.
pub trait Decoder: Debug + Send + Sync + 'static {
    /// Reads the envelope. An update that cannot be read belongs to [`InboxLane::Desk`].
    fn envelope(&self, raw: &str, groups: &GroupChats) -> Envelope;

    /// Decodes the whole update. `groups` are the operators' groups.
    fn decode(&self, raw: &str, groups: &GroupChats) -> Result<Incoming, DecodeError>;
}
