//! What the queues of a store hold: updates, sends, and dead letters of both.

use domain::{DeadId, Effect, InboxLane, Millis, OutboxLane, Seq, UpdateId};

/// An update as Telegram sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUpdate {
    /// Telegram's number of the update; a negative hash of the text if it has no number.
    pub update: UpdateId,
    /// The lane in which the update waits.
    pub lane: InboxLane,
    /// The JSON text, unmodified.
    pub raw: String,
}

/// An update that waits to be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// The number of the item: its position in its lane.
    pub seq: Seq,
    /// The update as Telegram sent it.
    pub update: RawUpdate,
    /// When the update was received.
    pub received: Millis,
    /// Number of failed attempts to decide the update.
    pub attempts: u32,
}

/// A send to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The lane in which the send waits.
    pub lane: OutboxLane,
    /// The effect to perform.
    pub effect: Effect,
    /// The update that caused the send; correlates the two in the logs.
    pub cause: UpdateId,
    /// When that update was received.
    pub received: Millis,
    /// The earliest time of the call: pieces of one album are collected until then.
    pub not_before: Option<Millis>,
}

impl Queued {
    /// When the wait that people notice began: when the message was written, if the desk received it late.
    pub fn since(&self) -> Millis {
        let written = self.effect.relay().and_then(|relay| relay.written);
        written.map_or(self.received, |written| written.min(self.received))
    }
}

/// A queued send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// The number of the item: its position in its lane.
    pub seq: Seq,
    /// The send itself.
    pub queued: Queued,
}

/// The queue that a dead letter comes from, and the item itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "dead letters are few and short-lived")]
pub enum Origin {
    /// An update that could not be decided.
    Update(InboxItem),
    /// A send that Telegram refused permanently.
    Send(OutboxItem),
}

/// An update or a send that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The item, as it was in its queue.
    pub origin: Origin,
    /// The reason, for the person who runs the desk; contains no private content.
    pub reason: String,
    /// When the item was given up.
    pub at: Millis,
}

impl DeadLetter {
    /// The number of the dead letter. It is known before the dead letter is stored, so that a button can refer to it.
    pub fn id(&self) -> DeadId {
        match &self.origin {
            Origin::Update(item) => DeadId::of_update(item.seq),
            Origin::Send(item) => DeadId::of_send(item.seq),
        }
    }

    /// The number that the item had in its queue.
    pub fn seq(&self) -> Seq {
        match &self.origin {
            Origin::Update(item) => item.seq,
            Origin::Send(item) => item.seq,
        }
    }
}
