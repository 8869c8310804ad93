//! Reading a backup: the checksum first, then what is in it.

use std::{
    fs::File,
    io::{
        self, BufRead as _, BufReader,
        ErrorKind::{InvalidData, InvalidInput, UnexpectedEof},
        Read as _, Seek as _, SeekFrom, Take,
    },
    path::{Path, PathBuf},
};

use flate2::read::ZlibDecoder;

use crate::{adapters::codec::CodecError, files};
use domain::Millis;
use ports::{Record, RecordCounts, Snapshot};

use super::{
    BackupError, bounds,
    framing::{self, Body},
    records::{self, Line},
};

/// Records that are read at once.
const PAGE: usize = 200;

/// The longest line, in bytes. The longest record is an update, which is refused beyond 3 MB when it comes; what is in
/// quotation marks twice has a sign before each.
const LONGEST_LINE: usize = 8 << 20;

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
    tally: RecordCounts,
    /// How long the compressed text is.
    bytes: u64,
    /// Lines that were read.
    lines: u64,
    over: bool,
}

impl Backup {
    /// Opens a file, and compares its checksum.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let mut file = files::open(path).map_err(|why| BackupError::opening(path, why))?;
        let body = framing::verify(path, &mut file)?;
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
        let (tally, bytes) = (RecordCounts::default(), body.bytes);
        let mut contents = Contents { head, path, text, tally, bytes, lines: 0, over: false };
        let Line::Backup { made, release } = contents.line()? else {
            return Err(BackupError::Damaged(path.clone()));
        };
        contents.head = Head { made: Millis(made), release };
        Ok(contents)
    }

    /// Reads all of it: how many records of each kind there are, if this release can read each.
    pub async fn check(&mut self) -> Result<(Head, RecordCounts), BackupError> {
        let mut contents = self.contents()?;
        while !contents.page().await?.is_empty() {}
        Ok((contents.head, contents.tally))
    }
}

impl Contents<'_> {
    fn line(&mut self) -> Result<Line, BackupError> {
        let mut text = Vec::new();
        let limit = LONGEST_LINE as u64 + 1;
        let read = (&mut self.text).take(limit).read_until(b'\n', &mut text);
        read.map_err(|why| self.broken(why))?;
        self.lines += 1;
        if text.len() > LONGEST_LINE {
            let path = self.path.to_owned();
            return Err(BackupError::Overlong { path, line: self.lines, most: LONGEST_LINE });
        }
        records::read(&text).map_err(|why| self.unknown(why))
    }

    /// The record of a line that was read last.
    fn record(&self, line: Line) -> Result<Record, BackupError> {
        let record = records::record(line).map_err(|why| self.unknown(why))?;
        let Some(what) = bounds::senseless(&record) else { return Ok(record) };
        Err(BackupError::Senseless { path: self.path.to_owned(), line: self.lines, what })
    }

    /// Nothing is behind the last line, nor behind the compressed text.
    fn ends(&mut self) -> Result<(), BackupError> {
        let behind = self.text.read(&mut [0]).map_err(|why| self.broken(why))?;
        if behind > 0 || self.text.get_ref().total_in() != self.bytes {
            return Err(BackupError::GoesOn(self.path.to_owned()));
        }
        Ok(())
    }

    fn unknown(&self, why: CodecError) -> BackupError {
        BackupError::Unknown { path: self.path.to_owned(), line: self.lines, why }
    }

    fn broken(&self, why: io::Error) -> BackupError {
        // The checksum fits: whoever wrote this wrote it so.
        if [InvalidData, InvalidInput, UnexpectedEof].contains(&why.kind()) {
            BackupError::Damaged(self.path.to_owned())
        } else {
            BackupError::reading(self.path, why)
        }
    }
}

impl Snapshot for Contents<'_> {
    type Error = BackupError;

    async fn page(&mut self) -> Result<Vec<Record>, BackupError> {
        let mut page = Vec::new();
        while !self.over && page.len() < PAGE {
            let line = self.line()?;
            if let Line::End { conversations, links, known, updates, sends, dead } = line {
                let told = RecordCounts { conversations, links, known, updates, sends, dead };
                if told != self.tally {
                    return Err(BackupError::Damaged(self.path.to_owned()));
                }
                self.ends()?;
                self.over = true;
                break;
            }
            let record = self.record(line)?;
            self.tally.count(&record);
            page.push(record);
        }
        Ok(page)
    }
}
