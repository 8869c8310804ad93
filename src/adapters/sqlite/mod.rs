//! The embedded store: one SQLite file, one process, nothing to install.
//!
//! Invariant: a call that reports success is on disk, and a call that reports failure left no trace. One thread
//! writes. It runs all waiting requests in one transaction, so that they share one sync.

mod errors;
mod open;
mod read_only;
mod reader;
mod archive;
mod file;
mod store;
mod tables;
mod write;

pub use archive::restore_target::RestoreTarget;
pub use archive::snapshot::SqliteSnapshot;
pub use errors::OpenError;
pub use file::filesystem::filesystem;
pub use open::Options;
pub use read_only::ReadOnlyStore;
pub use store::SqliteStore;
