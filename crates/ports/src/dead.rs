//! Dead letters: updates and sends that were given up, kept for a person to inspect and replay.

use std::future::Future;

use domain::DeadId;

use super::{DeadLetter, StoreError};

/// Reads and deletes dead letters. [`super::Ledger::commit`] adds them, and puts them back into their queues.
pub trait DeadLetters: Send + Sync + 'static {
    /// Lists the dead letters after `after`, in ascending order of their numbers, at most `limit`.
    fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DeadLetter>, StoreError>> + Send;

    /// Reads one dead letter; `None` if it does not exist.
    fn dead_letter(
        &self,
        id: DeadId,
    ) -> impl Future<Output = Result<Option<DeadLetter>, StoreError>> + Send;

    /// Deletes a dead letter permanently; `false` if it does not exist.
    fn drop_dead(&self, id: DeadId) -> impl Future<Output = Result<bool, StoreError>> + Send;
}
