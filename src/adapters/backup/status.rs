//! What became of the last backups, left beside the store for the running desk to tell.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use domain::Millis;

use super::BackupError;

/// What became of all backups of a desk so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// How many were made.
    pub made: u64,
    /// How many failed.
    pub failed: u64,
    /// Whether the last one failed.
    pub failing: bool,
    /// The last that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Good>,
    /// Whether the store's file was found sound with the last one; `None` if nobody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
}

/// A backup that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Good {
    /// When it was begun, in milliseconds since the epoch: what came later is not in it.
    pub at: i64,
    /// How large it is.
    pub bytes: u64,
    /// How long it took, in milliseconds.
    pub took: u64,
}

impl Good {
    /// When it was begun.
    pub fn at(&self) -> Millis {
        Millis(self.at)
    }
}

impl Status {
    /// How many have ended.
    pub fn ended(&self) -> u64 {
        self.made.saturating_add(self.failed)
    }

    /// The file of it in the store's folder.
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("backups.json")
    }

    /// Reads the text of the file; what makes no sense is as if there had been no backup.
    pub fn parse(text: &[u8]) -> Self {
        serde_json::from_slice(text).unwrap_or_default()
    }

    /// Writes down how one more backup has ended, and whether the store's file is sound.
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

    /// Whole or not at all: the desk may read it at any moment, perhaps as another user.
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
