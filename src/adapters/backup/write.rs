//! Writes a backup under a hidden name, until it was synced and read back.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::ZlibEncoder};
use tempfile::NamedTempFile;

use domain::Millis;
use ports::{Record, RecordCounts, Restore};

use super::{
    errors::BackupError,
    folder,
    framing::ChecksumWriter,
    read::Backup,
    records::{self, Line},
};

/// An unfinished backup. Dropping it removes the file. A killed process leaves a hidden file that no release takes
/// for a backup, and the next backup into the folder removes it.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    text: ZlibEncoder<ChecksumWriter<BufWriter<NamedTempFile>>>,
    counts: RecordCounts,
}

impl Draft {
    /// Begins a backup at `path`. An older backup there is replaced at the end.
    pub fn begin(path: &Path, now: Millis) -> Result<Self, BackupError> {
        match Backup::is_meant_to_be_one(path) {
            Err(BackupError::Missing(_)) | Ok(true) => {}
            Ok(false) => return Err(BackupError::Occupied(path.to_owned())),
            Err(error) => return Err(error),
        }
        let parent = folder::containing(path);
        folder::remove_unfinished(parent);
        let unwritable = |why| BackupError::writing(path, why);
        let hidden = folder::hidden(parent).map_err(|why| BackupError::writing(parent, why))?;
        let text = ChecksumWriter::begin(BufWriter::new(hidden)).map_err(unwritable)?;
        let text = ZlibEncoder::new(text, Compression::default());
        let mut draft = Self { path: path.to_owned(), text, counts: RecordCounts::default() };
        let release = env!("CARGO_PKG_VERSION").to_owned();
        draft.write(&Line::Backup { made: now.0, release })?;
        Ok(draft)
    }

    fn write(&mut self, line: &Line) -> Result<(), BackupError> {
        let text = records::write(line).map_err(|why| BackupError::unencodable(&self.path, why))?;
        self.text.write_all(&text).map_err(|why| BackupError::writing(&self.path, why))
    }
}

#[ports::async_trait]
impl Restore for Draft {
    type Error = BackupError;

    async fn add(&mut self, page: Vec<Record>) -> Result<(), BackupError> {
        for record in page {
            let line =
                records::of(&record).map_err(|why| BackupError::unencodable(&self.path, why))?;
            self.write(&line)?;
            self.counts.count(&record);
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<(), BackupError> {
        self.write(&records::end(&self.counts))?;
        let Self { path, text, .. } = *self;
        let unwritable = |why| BackupError::writing(&path, why);
        let written = text.finish().and_then(ChecksumWriter::end).map_err(unwritable)?;
        let hidden = written.into_inner().map_err(|error| unwritable(error.into_error()))?;
        hidden.as_file().sync_all().map_err(unwritable)?;
        Backup::open(hidden.path())?;
        hidden.persist(&path).map_err(|error| unwritable(error.error))?;
        // Syncs the folder, so that the name survives a power cut too.
        File::open(folder::containing(&path))
            .and_then(|folder| folder.sync_all())
            .map_err(unwritable)
    }

    async fn abandon(self: Box<Self>) {
        drop(self);
    }
}
