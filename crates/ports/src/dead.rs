//! Dead letters: what was given up on, kept for a person to look at and to try again.

use std::future::Future;

use domain::{DeadId, Millis, Seq};

use super::{InboxItem, OutboxItem, StoreError};

/// Where a dead letter comes from, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "dead letters are few and short-lived")]
pub enum Origin {
    /// An update that could not be decided.
    Update(InboxItem),
    /// A send that Telegram refused for good.
    Send(OutboxItem),
}

/// Something given up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// What it is.
    pub origin: Origin,
    /// Why, in words for whoever runs the desk; names no private contents.
    pub reason: String,
    /// When.
    pub at: Millis,
}

impl DeadLetter {
    /// Its number, known before it is stored, so that a button can name it.
    pub fn id(&self) -> DeadId {
        match &self.origin {
            Origin::Update(item) => DeadId::of_update(item.seq),
            Origin::Send(item) => DeadId::of_send(item.seq),
        }
    }

    /// The number that it had in its queue.
    pub fn seq(&self) -> Seq {
        match &self.origin {
            Origin::Update(item) => item.seq,
            Origin::Send(item) => item.seq,
        }
    }
}

/// Reads and drops dead letters. They are added, and put back, by [`super::Ledger::commit`].
pub trait DeadLetters: Send + Sync + 'static {
    /// Those after `after`, in the order of their numbers, at most `limit`.
    fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DeadLetter>, StoreError>> + Send;

    /// One of them.
    fn dead_letter(
        &self,
        id: DeadId,
    ) -> impl Future<Output = Result<Option<DeadLetter>, StoreError>> + Send;

    /// Drops one for good; `false` if it is not there.
    fn drop_dead(&self, id: DeadId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
