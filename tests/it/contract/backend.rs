//! What the suite needs of a store under test.

use std::sync::Arc;

use ports::{Snapshot, Store};

/// A storage of its own, empty at first, that outlives the store opened on it.
pub(crate) trait Backend: Sized {
    /// What is tested.
    type Store: Store;

    /// Makes a storage and opens it.
    async fn open() -> Self;

    /// So many courses of events a property is tried with.
    const CASES: u32;

    /// The store that is open.
    fn store(&self) -> &Self::Store;

    /// The same, for an engine.
    fn shared(&self) -> Arc<Self::Store>;

    /// From now on nothing can be written, until this is asked for again with `false`.
    fn refuses(&self, refuses: bool);

    /// Opens the storage as it is at this moment, as if the process had been killed now.
    async fn kill(self) -> Self;

    /// Opens it again after the store was closed.
    async fn reopen(self) -> Self;
}

/// A storage that can be read out, and filled with what was read out of another.
pub(crate) trait Archived: Backend {
    /// Everything that the storage holds now, while the store is open.
    async fn snapshot(&self) -> impl Snapshot;

    /// Makes an empty storage and has it filled.
    async fn filled(from: &mut impl Snapshot) -> Self;

    /// Closes the store, tries to have its storage filled, and opens it again: in words, why that was refused.
    async fn refusal(self) -> (Self, Option<String>);
}
