//! Errors of backups. Each message says what to do.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{
    adapters::codec::CodecError,
    files::{FileError, words},
};

/// The reason why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file does not exist.
    #[error("there is no file {0}")]
    Missing(PathBuf),
    /// The file is not a backup.
    #[error("{0} is not a backup of support-bot")]
    Foreign(PathBuf),
    /// A later release wrote the backup.
    #[error(
        "{path} is a backup of format {found}, this release reads up to {known}: install the \
         release that wrote it, or a later one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: u32,
        /// The last format known.
        known: u32,
    },
    /// The end of the file is missing.
    #[error("{0} is cut short: take another backup, or copy this one again from an intact copy")]
    CutShort(PathBuf),
    /// The checksum does not match.
    #[error(
        "{0} is damaged, its checksum does not match: take another backup, or copy this one again \
         from an intact copy"
    )]
    Damaged(PathBuf),
    /// The checksum matches, but a record cannot be decoded.
    #[error("{path} has a record that this release cannot read, in line {line}: {why}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line of its text, counted from 1.
        line: u64,
        /// The value that cannot be decoded; never its contents.
        why: CodecError,
    },
    /// A number in the backup is outside the range that a desk writes.
    #[error(
        "{path} was not made by a desk, or was changed: in line {line}, {what} makes no sense; \
         take another backup"
    )]
    Senseless {
        /// The file.
        path: PathBuf,
        /// The line of its text, counted from 1.
        line: u64,
        /// The name of the number.
        what: &'static str,
    },
    /// A line is longer than any that a desk writes.
    #[error(
        "{path} was not made by a desk, or was changed: line {line} is longer than {} MB; take \
         another backup",
        .most >> 20
    )]
    Overlong {
        /// The file.
        path: PathBuf,
        /// The line of its text, counted from 1.
        line: u64,
        /// The limit in bytes.
        most: usize,
    },
    /// The file continues after its last record.
    #[error(
        "{0} was not made by a desk, or was changed: it continues after its last line; take another \
         backup"
    )]
    GoesOn(PathBuf),
    /// A record cannot be encoded.
    #[error("a record of this desk cannot be written to {path}: {why}")]
    Unencodable {
        /// The file.
        path: PathBuf,
        /// The value that cannot be encoded; never its contents.
        why: CodecError,
    },
    /// The operating system refuses to read the file.
    #[error("{path} cannot be read: {}", words(why))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        why: io::Error,
    },
    /// The target exists and is not a backup, so it is not overwritten.
    #[error("{0} exists and is not a backup of support-bot: choose another name")]
    Occupied(PathBuf),
    /// The disk is full.
    #[error("no space is left for {path}: make room; older backups are unchanged")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refuses to write the file.
    #[error("{path} cannot be written ({}): older backups are unchanged", words(why))]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// The operating system's error.
        why: io::Error,
    },
}

impl BackupError {
    /// The error for a failure to write to `path`.
    pub(super) fn writing(path: &Path, why: io::Error) -> Self {
        let path = path.to_owned();
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        if full.contains(&why.kind()) {
            Self::Full { path }
        } else {
            Self::Unwritable { path, why }
        }
    }

    /// The error for a failure to read from `path`.
    pub(super) fn reading(path: &Path, why: io::Error) -> Self {
        let path = path.to_owned();
        if why.kind() == ErrorKind::NotFound {
            Self::Missing(path)
        } else {
            Self::Unreadable { path, why }
        }
    }

    /// The error for a record that cannot be encoded.
    pub(super) fn unencodable(path: &Path, why: CodecError) -> Self {
        Self::Unencodable { path: path.to_owned(), why }
    }

    /// The error for a file that cannot be opened.
    pub(super) fn opening(path: &Path, why: FileError) -> Self {
        match why {
            FileError::Io(why) => Self::reading(path, why),
            FileError::Irregular | FileError::TooLarge(_) | FileError::NoText => {
                Self::Foreign(path.to_owned())
            }
        }
    }
}
