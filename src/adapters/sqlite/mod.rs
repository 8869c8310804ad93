//! The embedded store: one SQLite file, one process, nothing to install.
//!
//! Invariant: a call that reports success is on disk, and a call that reports failure left no trace. One thread
//! writes. It runs all waiting requests in one transaction, so that they share one sync.

mod archive;
mod errors;
mod figures;
mod file;
mod open;
mod options;
mod read_only;
mod reader;
mod store;
mod tables;
mod write;

pub use archive::{RestoreTarget, SqliteSnapshot};
pub use errors::OpenError;
pub use file::filesystem::filesystem;
pub use options::Options;
pub use read_only::ReadOnlyStore;
pub use store::SqliteStore;
