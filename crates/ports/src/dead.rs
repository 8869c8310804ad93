//! Dead letters: updates and sends that were given up, kept for a person to inspect and replay.

use async_trait::async_trait;
use domain::DeadId;

use super::{DeadLetter, StoreError};

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
