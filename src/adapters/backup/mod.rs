//! Backups: the whole store in one compressed file with a checksum, which is complete or does not exist.
//!
//! A file consists of a line with the format, a compressed text with one record per line, the SHA-256 of both, and an
//! end mark. It gets its final name after it was synced and read back.

mod bounds;
mod errors;
mod folder;
mod records;
mod read;
mod framing;
mod status;
mod checksum;
mod write;

pub use checksum::{Checksum, ChecksumError};
pub use errors::BackupError;
pub use folder::{name_at, remove_older};
pub use read::{Backup, Contents, Head};
pub use status::{Good, Status};
pub use write::Draft;
