//! What the suite needs of a store under test.

use support_bot::ports::Store;

/// A storage of its own, empty at first, that outlives the store opened on it.
pub(crate) trait Backend: Sized {
    /// What is tested.
    type Store: Store;

    /// Makes a storage and opens it.
    async fn open() -> Self;

    /// The store that is open.
    fn store(&self) -> &Self::Store;

    /// Opens the storage as it is at this moment, as if the process had been killed now.
    async fn kill(self) -> Self;

    /// Opens it again after the store was closed.
    async fn reopen(self) -> Self;
}
