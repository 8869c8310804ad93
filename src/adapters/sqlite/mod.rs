//! The embedded store: one SQLite file, one process, nothing to install.
//!
//! Invariant: what a call reports as done is on disk, and what it reports as failed left no trace.
//! One thread writes; it runs all waiting calls in one transaction, so that they share one sync.

mod blank;
mod connection;
mod dead;
mod errors;
mod filesystem;
mod inbox;
mod job;
mod ledger;
mod links;
mod meta;
mod open;
mod outbox;
mod requests;
mod conversations;
mod peek;
mod reader;
mod schema;
mod snapshot;
mod store;
mod transaction;
mod writer;

pub use blank::Blank;
pub use errors::OpenError;
pub use filesystem::filesystem;
pub use open::Options;
pub use peek::Peek;
pub use snapshot::SqliteSnapshot;
pub use store::SqliteStore;
