//! Errors of the store. Each message says what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::adapters::codec::CodecError;
use ports::StoreError;

/// Why the store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the lock.
    #[error("another support-bot is running on this folder: {0}; stop it first")]
    Running(PathBuf),
    /// The folder holds no store.
    #[error("there is no store in {0}: the bot has not run there yet")]
    Missing(PathBuf),
    /// A later release wrote the store.
    #[error(
        "the store has format {found}, this release knows up to {known}: \
         install the release that wrote it, or a later one"
    )]
    Newer {
        /// The format found.
        found: i64,
        /// The last format known.
        known: i64,
    },
    /// An earlier release wrote the store, and this release has not migrated it yet.
    #[error(
        "the store has format {found}, older than this release's {known}: start the desk once, \
         which brings it up to date"
    )]
    Older {
        /// The format found.
        found: i64,
        /// The format of this release.
        known: i64,
    },
    /// The folder already holds a desk's data.
    #[error(
        "there is a desk in {folder} already: choose an empty DATA_DIR, or move that one away{hint}; \
         nothing was changed", folder = .0.display(), hint = in_docker(.0)
    )]
    Occupied(PathBuf),
    /// A desk has worked in this folder, and its store is missing or empty.
    #[error(
        "the store in {folder} is gone: a desk has worked there, and desk.sqlite3 is missing or empty; \
         restore a backup with `support-bot restore FILE`, or remove the folder to begin with an \
         empty desk{hint}", folder = .0.display(), hint = in_docker(.0)
    )]
    Emptied(PathBuf),
    /// The file belongs to another program.
    #[error("{0} is an SQLite database of another program: choose another folder")]
    Foreign(PathBuf),
    /// SQLite cannot read the file as a database.
    #[error(
        "{path} is damaged ({why}): restore it from a backup, or move the folder away to begin \
         with an empty desk{hint}", hint = in_docker(path)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// SQLite's message.
        why: String,
    },
    /// The folder is on a network filesystem, where locks and syncs cannot be trusted.
    #[error("{path} is on a network filesystem ({kind}), which may lose data: use a local disk")]
    Network {
        /// The folder.
        path: PathBuf,
        /// The filesystem's type.
        kind: String,
    },
    /// The folder or a file in it cannot be used.
    #[error(
        "{path} cannot be used ({why}): DATA_DIR must be writable by the user that the bot runs as"
    )]
    Access {
        /// The folder or file.
        path: PathBuf,
        /// The operating system's message.
        why: String,
    },
    /// The disk is full.
    #[error("no space is left for {path} ({why}): make room, then start again")]
    Full {
        /// The file.
        path: PathBuf,
        /// SQLite's message.
        why: String,
    },
    /// Another program holds the database.
    #[error("{path} is locked by another program ({why}): close it, then start again")]
    Busy {
        /// The file.
        path: PathBuf,
        /// SQLite's message.
        why: String,
    },
}

/// What moving the folder away means in a container, whose folder is a volume. The image and the compose files name both.
fn in_docker(path: &Path) -> &'static str {
    if path.starts_with("/data") {
        " (in Docker, the folder is the volume support-bot_data: `docker compose down`, then \
         `docker volume rm support-bot_data`)"
    } else {
        ""
    }
}

impl OpenError {
    /// The error for a failure to open `path`.
    pub(super) fn of(path: &Path, error: impl Into<SqlError>) -> Self {
        let path = path.to_owned();
        match error.into().0 {
            StoreError::Full(why) => Self::Full { path, why },
            StoreError::Busy(why) => Self::Busy { path, why },
            StoreError::Io(why) | StoreError::Denied(why) => Self::Access { path, why },
            StoreError::Corrupt(why) => Self::Damaged { path, why },
            StoreError::Closed => Self::Access { path, why: "a thread could not start".to_owned() },
        }
    }
}

/// A statement's error, as callers see it. A separate type, so that `?` converts SQLite's error into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlError(pub StoreError);

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        error.0
    }
}

impl From<StoreError> for SqlError {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

/// Maps an SQLite error to the callers' error. SQLite's messages name tables and files, never contents.
impl From<rusqlite::Error> for SqlError {
    fn from(error: rusqlite::Error) -> Self {
        let why = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self(StoreError::Full(why)),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self(StoreError::Busy(why))
            }
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted,
            ) => Self(StoreError::Io(why)),
            // Damage, a violated constraint or a wrong column type: a retry does not help.
            Some(_) | None => Self(StoreError::Corrupt(why)),
        }
    }
}

/// A stored value that a later release wrote, or that was edited by hand.
impl From<CodecError> for SqlError {
    fn from(error: CodecError) -> Self {
        corrupt(error.to_string())
    }
}

/// The same error for the Redis store.
impl From<CodecError> for StoreError {
    fn from(error: CodecError) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// A stored value that makes no sense.
pub(super) fn corrupt(what: impl Into<String>) -> SqlError {
    SqlError(StoreError::Corrupt(what.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_container_the_folder_is_a_volume_with_a_name() {
        let why = String::new;
        for (path, is_volume) in [("/data", true), ("/srv/data", false), ("./data", false)] {
            let folder = PathBuf::from(path);
            for error in [
                OpenError::Occupied(folder.clone()),
                OpenError::Emptied(folder.clone()),
                OpenError::Damaged { path: folder.join("desk.sqlite3"), why: why() },
            ] {
                let said = error.to_string();
                assert_eq!(said.contains("docker volume rm support-bot_data"), is_volume, "{said}");
            }
        }
    }
}
