//! Reading a backup: the checksum first, then what is in it.

use std::{
    fs::File,
    io::{
        BufRead as _, BufReader,
        ErrorKind::{InvalidData, InvalidInput, UnexpectedEof},
        Read as _, Seek as _, SeekFrom, Take,
    },
    path::{Path, PathBuf},
};

use flate2::read::ZlibDecoder;

use domain::Millis;
use ports::{Record, Snapshot, Tally};

use super::{
    BackupError,
    lines::{self, Line},
    seal::{self, Body},
};

/// Records that are read at once.
const PAGE: usize = 200;

/// A backup whose checksum fits.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    file: File,
    body: Body,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// When it was made.
    pub made: Millis,
    /// The release that made it.
    pub release: String,
}

/// The records of a backup.
#[derive(Debug)]
pub struct Contents<'a> {
    /// What it says of itself.
    pub head: Head,
    path: &'a Path,
    text: BufReader<ZlibDecoder<Take<&'a File>>>,
    tally: Tally,
    over: bool,
}

impl Backup {
    /// Opens a file, and compares its checksum.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let mut file = file(path)?;
        let body = seal::verify(path, &mut file)?;
        Ok(Self { path: path.to_owned(), file, body })
    }

    /// Whether a file, perhaps a damaged one, was meant to be a backup.
    pub(super) fn looks_like_one(path: &Path) -> Result<bool, BackupError> {
        match Self::open(path) {
            Ok(_) | Err(BackupError::Damaged(_) | BackupError::Newer { .. }) => Ok(true),
            Err(BackupError::CutShort(_)) => {
                // Not one byte says so: somebody has made an empty file.
                Ok(path.metadata().is_ok_and(|found| found.len() > 0))
            }
            Err(BackupError::Foreign(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Its records, from the first.
    pub fn contents(&mut self) -> Result<Contents<'_>, BackupError> {
        let Self { path, file, body } = self;
        let begin = file.seek(SeekFrom::Start(body.begin));
        begin.map_err(|why| BackupError::reading(path, why))?;
        let text = BufReader::new(ZlibDecoder::new((&*file).take(body.bytes)));
        let head = Head { made: Millis(0), release: String::new() };
        let mut contents = Contents { head, path, text, tally: Tally::default(), over: false };
        let Line::Backup { made, release } = contents.line()? else {
            return Err(BackupError::Damaged(path.clone()));
        };
        contents.head = Head { made: Millis(made), release };
        Ok(contents)
    }

    /// Reads all of it: how many records of each kind there are, if this release can read each.
    pub async fn check(&mut self) -> Result<(Head, Tally), BackupError> {
        let mut contents = self.contents()?;
        while !contents.page().await?.is_empty() {}
        Ok((contents.head, contents.tally))
    }
}

impl Contents<'_> {
    fn line(&mut self) -> Result<Line, BackupError> {
        let mut text = Vec::new();
        let read = self.text.read_until(b'\n', &mut text);
        read.map_err(|why| {
            // The checksum fits: whoever wrote this wrote it so.
            let senseless = [InvalidData, InvalidInput, UnexpectedEof].contains(&why.kind());
            if senseless {
                BackupError::Damaged(self.path.to_owned())
            } else {
                BackupError::reading(self.path, why)
            }
        })?;
        lines::read(&text).map_err(|why| BackupError::record(self.path, why))
    }
}

impl Snapshot for Contents<'_> {
    type Error = BackupError;

    async fn page(&mut self) -> Result<Vec<Record>, BackupError> {
        let mut page = Vec::new();
        while !self.over && page.len() < PAGE {
            let line = self.line()?;
            if let Line::End { conversations, links, known, updates, sends, dead } = line {
                let told = Tally { conversations, links, known, updates, sends, dead };
                if told != self.tally {
                    return Err(BackupError::Damaged(self.path.to_owned()));
                }
                self.over = true;
                break;
            }
            let record = lines::record(line).map_err(|why| BackupError::record(self.path, why))?;
            self.tally.count(&record);
            page.push(record);
        }
        Ok(page)
    }
}

/// Opens a file; a folder is none.
fn file(path: &Path) -> Result<File, BackupError> {
    let file = File::open(path).map_err(|why| BackupError::reading(path, why))?;
    let is_file = file.metadata().is_ok_and(|found| found.is_file());
    if is_file { Ok(file) } else { Err(BackupError::Foreign(path.to_owned())) }
}
