//! Dead letters: updates and sends that were given up, kept for a person to inspect and replay.

use async_trait::async_trait;
use domain::{DeadId, Millis, Seq};

use super::{InboxItem, OutboxItem, StoreError};

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

/// Reads and deletes dead letters. [`super::Ledger::commit`] adds them, and puts them back into their queues.
#[async_trait]
pub trait DeadLetters: Send + Sync + 'static {
    /// Lists the dead letters after `after`, in ascending order of their numbers, at most `limit`.
    async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// Reads one dead letter; `None` if it does not exist.
    async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError>;

    /// Deletes a dead letter permanently; `false` if it does not exist.
    async fn drop_dead(&self, id: DeadId) -> Result<bool, StoreError>;
}
