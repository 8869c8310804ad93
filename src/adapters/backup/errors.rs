//! What can go wrong with a backup, in words that say what to do.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::{adapters::codec::CodecError, files::FileError};

/// Why a backup cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing.
    #[error("there is no file {0}")]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{0} is not a backup of support-bot")]
    Foreign(PathBuf),
    /// A later release wrote it.
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
    /// Its end is missing.
    #[error("{0} is cut short: take another backup, or copy this one again from where it is whole")]
    CutShort(PathBuf),
    /// It is not what was written.
    #[error(
        "{0} is damaged, its checksum does not fit: take another backup, or copy this one again \
         from where it is whole"
    )]
    Damaged(PathBuf),
    /// It is what was written, and yet one of its records makes no sense.
    #[error("{path} holds what this release cannot read, in line {line}: {why}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The line of its text, counted from 1.
        line: u64,
        /// Which value; never its contents.
        why: CodecError,
    },
    /// A number in it is none that a desk has written.
    #[error(
        "{path} was not made by a desk, or was changed: in line {line}, {what} makes no sense; \
         take another backup"
    )]
    Senseless {
        /// The file.
        path: PathBuf,
        /// The line of its text, counted from 1.
        line: u64,
        /// What the number is.
        what: &'static str,
    },
    /// A line of it is longer than any that a desk writes.
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
        /// The longest that is read, in bytes.
        most: usize,
    },
    /// It goes on where it should end.
    #[error(
        "{0} was not made by a desk, or was changed: it goes on behind its last line; take another \
         backup"
    )]
    GoesOn(PathBuf),
    /// A record cannot be written down.
    #[error("{path} cannot hold a record of this desk: {why}")]
    Unencodable {
        /// The file.
        path: PathBuf,
        /// Which value; never its contents.
        why: CodecError,
    },
    /// The system does not let us read it.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// Something that is no backup would be overwritten.
    #[error("{0} is there and is not a backup of support-bot: choose another name")]
    Occupied(PathBuf),
    /// The disk is full.
    #[error("no space is left for {path}: make room; older backups are as they were")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let us write it.
    #[error("{path} cannot be written ({why}): older backups are as they were")]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        why: io::Error,
    },
}

impl BackupError {
    /// The error of writing there.
    pub(super) fn writing(path: &Path, why: io::Error) -> Self {
        let path = path.to_owned();
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        if full.contains(&why.kind()) {
            Self::Full { path }
        } else {
            Self::Unwritable { path, why }
        }
    }

    /// The error of reading there.
    pub(super) fn reading(path: &Path, why: io::Error) -> Self {
        let path = path.to_owned();
        if why.kind() == ErrorKind::NotFound {
            Self::Missing(path)
        } else {
            Self::Unreadable { path, why }
        }
    }

    /// The error of a record that is to be written.
    pub(super) fn unencodable(path: &Path, why: CodecError) -> Self {
        Self::Unencodable { path: path.to_owned(), why }
    }

    /// The error of opening a file.
    pub(super) fn opening(path: &Path, why: FileError) -> Self {
        match why {
            FileError::Io(why) => Self::reading(path, why),
            FileError::Irregular | FileError::TooLarge(_) | FileError::NoText => {
                Self::Foreign(path.to_owned())
            }
        }
    }
}
