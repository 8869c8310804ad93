//! Backups: everything a store holds in one file, compressed, with a checksum, and whole or not there.
//!
//! A file is a line that names the format, a compressed text with a record on each line, the SHA-256 of both, and a
//! mark. It gets its name when it is on disk and was read back.

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
