//! The results of recent backups, stored beside the store, so that the running desk can report them.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use domain::Millis;

use super::errors::BackupError;

/// The results of all backups of a desk so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// Backups that succeeded.
    pub made: u64,
    /// Backups that failed.
    pub failed: u64,
    /// Whether the last one failed.
    pub failing: bool,
    /// The last successful backup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Good>,
    /// Whether the store's file was sound at the last backup; `None` if it was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
}

/// A successful backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// Its start, in milliseconds since the epoch. Later changes are not in it.
    pub at: i64,
    /// Its size.
    pub bytes: u64,
    /// Its duration in milliseconds.
    pub took: u64,
}

impl Good {
    /// The time at which it was begun.
    pub fn at(&self) -> Millis {
        Millis(self.at)
    }
}

impl Status {
    /// All backups, successful or failed.
    pub fn ended(&self) -> u64 {
        self.made.saturating_add(self.failed)
    }

    /// Path of the status file in the store's folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("backups.json")
    }

    /// Parses the file. An unreadable file counts as no backups.
    pub fn parse(text: &[u8]) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }

    /// Records the result of one more backup, and whether the store's file is sound.
    pub fn note(
        folder: &Path,
        ended: Option<Good>,
        sound: Option<bool>,
    ) -> Result<(), BackupError> {
        let path = Self::file(folder);
        let mut status = match fs::read(&path) {
            Ok(text) => Self::parse(&text),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(why) => return Err(BackupError::reading(&path, why)),
        };
        (status.failing, status.sound) = (ended.is_none(), sound);
        match ended {
            Some(good) => {
                status.made += 1;
                status.last = Some(good);
            }
            None => status.failed += 1,
        }
        status.store(folder).map_err(|why| BackupError::writing(&path, why))
    }

    /// Writes atomically and world-readable: the desk may read it at any moment, perhaps as another user.
    fn store(&self, folder: &Path) -> io::Result<()> {
        let (path, text) = (Self::file(folder), serde_json::to_vec(self)?);
        let hidden = path.with_extension("json.new");
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        options.open(&hidden)?.write_all(&text)?;
        fs::rename(&hidden, &path)
    }
}
