//! Why a call to the store fails.

/// Why a call to the store failed. Nothing of it was done; with a store on the network, nobody can know.
///
/// Callers repeat a call until it succeeds: every call may be repeated, and takes effect once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("no space left for the store: {0}")]
    Full(String),
    /// Another process holds the store.
    #[error("the store is locked by another process: {0}")]
    Busy(String),
    /// The store refuses the desk's password or user, or a command that the user has no right to.
    #[error("the store refuses the desk: {0}")]
    Denied(String),
    /// Reading or writing failed, or is not permitted.
    #[error("the store cannot be read or written: {0}")]
    Io(String),
    /// Stored data cannot be decoded.
    #[error("the store is damaged: {0}")]
    Corrupt(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}
