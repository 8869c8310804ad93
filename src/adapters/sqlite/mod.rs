//! The embedded store: one SQLite file, one process, nothing to install.
//!
//! Invariant: a call that reports success is on disk, and a call that reports failure left no trace. One thread
//! writes. It runs all waiting requests in one transaction, so that they share one sync.

mod restore_target;
mod connection;
mod dead;
mod errors;
mod filesystem;
mod inbox;
mod write_request;
mod ledger;
mod links;
mod meta;
mod open;
mod outbox;
mod requests;
mod conversations;
mod read_only;
mod reader;
mod schema;
mod snapshot;
mod store;
mod transaction;
mod writer;

pub use errors::OpenError;
pub use filesystem::filesystem;
pub use open::Options;
pub use read_only::ReadOnlyStore;
pub use restore_target::RestoreTarget;
pub use snapshot::SqliteSnapshot;
pub use store::SqliteStore;
