//! What the suite needs of a store under test.

use std::sync::Arc;

use ports::{Snapshot, Store};

/// An isolated storage, empty at first, that outlives the store opened on it.
pub(crate) trait Backend: Sized {
    /// The store under test.
    type Store: Store;

    /// Creates a storage and opens a store on it.
    async fn open() -> Self;

    /// Number of random histories for each property.
    const CASES: u32;

    /// The open store.
    fn store(&self) -> &Self::Store;

    /// The open store, for an engine.
    fn shared(&self) -> Arc<Self::Store>;

    /// Makes every write fail, until a call with `false`.
    fn refuses(&self, refuses: bool);

    /// Opens the storage in its present state, as if the process had been killed now.
    async fn kill(self) -> Self;

    /// Closes the store and opens it again.
    async fn reopen(self) -> Self;
}

/// A storage that can be read as a snapshot and filled from another one's snapshot.
pub(crate) trait Archived: Backend {
    /// A snapshot of the storage while the store is open.
    async fn snapshot(&self) -> impl Snapshot;

    /// Creates an empty storage and fills it.
    async fn filled(from: &mut impl Snapshot) -> Self;

    /// Closes the store, tries to fill its storage, and opens it again; returns the reason if filling was refused.
    async fn refusal(self) -> (Self, Option<String>);
}
