//! Messages and edits that travel to the other side.

use crate::{
    AlbumId, Body, ContentKind, Elsewhere, Fingerprint, LinkRows, MessageId, Millis, Reply, Side,
    TopicId, Transfer, UserId,
};

/// A message to relay to the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// The side where the message was written.
    pub from: Side,
    /// The id on that side.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message travels.
    pub transfer: Transfer,
    /// The message that it replies to, on its own side.
    pub reply: Option<Reply>,
    /// The album that it belongs to.
    pub album: Option<AlbumId>,
    /// The fingerprint of the content, to compare with later edits.
    pub fingerprint: Fingerprint,
    /// Text and media, only for pieces of albums: an album with a reply is sent by file ids, not copied.
    pub body: Option<Body>,
    /// The message in another chat that it replies to. An introduction right before the copy shows it to operators.
    pub elsewhere: Option<Elsewhere>,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic in which it was written; `None` for the present topic.
    pub former: Option<Former>,
    /// When it was written, if the desk received it late: the delivery time counts from then.
    pub written: Option<Millis>,
}

impl Relay {
    /// A message by itself: no reply, no album, no buttons, in the present topic.
    pub fn new(
        from: Side,
        message: MessageId,
        kind: ContentKind,
        transfer: Transfer,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            from,
            message,
            kind,
            transfer,
            reply: None,
            album: None,
            fingerprint,
            body: None,
            elsewhere: None,
            links: Vec::new(),
            former: None,
            written: None,
        }
    }
}

/// An edited message, whose copy must change as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The side where the message was written.
    pub from: Side,
    /// The id on that side.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message travels if it must be sent again.
    pub transfer: Transfer,
    /// The new content.
    pub body: Body,
    /// The fingerprint of the new content.
    pub fingerprint: Fingerprint,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic in which it was written; `None` for the present topic.
    pub former: Option<Former>,
}

/// The place of something that was done in a former topic of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// The user's former topic.
    pub topic: TopicId,
    /// The operator, if Telegram says who it was. A report that has to go to another topic mentions this operator.
    pub operator: Option<UserId>,
}

impl From<TopicId> for Former {
    /// The operator is unknown.
    fn from(topic: TopicId) -> Self {
        Self { topic, operator: None }
    }
}
