//! Reads a backup: the checksum first, then the records.

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
    bounds,
    errors::BackupError,
    framing::{self, Body},
    records::{self, Line},
};

/// Records per page.
const PAGE: usize = 200;

/// Longest line, in bytes. The longest record is an update, and intake refuses updates beyond 3 MB. Escaping can
/// double that.
const LONGEST_LINE: usize = 8 << 20;

/// A backup with a valid checksum.
#[derive(Debug)]
pub struct Backup {
    path: PathBuf,
    file: File,
    body: Body,
}

/// The description of a backup, from its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The time at which it was made.
    pub made: Millis,
    /// The release that made it.
    pub release: String,
}

/// The records of a backup.
#[derive(Debug)]
pub struct Contents<'a> {
    /// The description of the backup.
    pub head: Head,
    path: &'a Path,
    text: BufReader<ZlibDecoder<Take<&'a File>>>,
    counts: RecordCounts,
    /// Length of the compressed text.
    bytes: u64,
    /// Lines read so far.
    lines: u64,
    over: bool,
}

impl Backup {
    /// Opens a file and verifies its checksum.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let mut file = files::open(path).map_err(|why| BackupError::opening(path, why))?;
        let body = framing::verify(path, &mut file)?;
        Ok(Self { path: path.to_owned(), file, body })
    }

    /// Whether a file, perhaps a damaged one, was meant to be a backup.
    pub(super) fn is_meant_to_be_one(path: &Path) -> Result<bool, BackupError> {
        match Self::open(path) {
            Ok(_) | Err(BackupError::Damaged(_) | BackupError::Newer { .. }) => Ok(true),
            Err(BackupError::CutShort(_)) => {
                // An empty file shows no sign of a backup: someone created it.
                Ok(path.metadata().is_ok_and(|found| found.len() > 0))
            }
            Err(BackupError::Foreign(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The records, from the first one.
    pub fn contents(&mut self) -> Result<Contents<'_>, BackupError> {
        let Self { path, file, body } = self;
        let begin = file.seek(SeekFrom::Start(body.begin));
        begin.map_err(|why| BackupError::reading(path, why))?;
        let text = BufReader::new(ZlibDecoder::new((&*file).take(body.bytes)));
        let head = Head { made: Millis(0), release: String::new() };
        let (counts, bytes) = (RecordCounts::default(), body.bytes);
        let mut contents = Contents { head, path, text, counts, bytes, lines: 0, over: false };
        let Line::Backup { made, release } = contents.line()? else {
            return Err(BackupError::Damaged(path.clone()));
        };
        contents.head = Head { made: Millis(made), release };
        Ok(contents)
    }

    /// Decodes every record. Returns the description and the number of records of each kind.
    pub async fn check(&mut self) -> Result<(Head, RecordCounts), BackupError> {
        let mut contents = self.contents()?;
        while !contents.page().await?.is_empty() {}
        Ok((contents.head, contents.counts))
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

    /// Decodes and checks the record of the last line read.
    fn record(&self, line: Line) -> Result<Record, BackupError> {
        let record = records::record(line).map_err(|why| self.unknown(why))?;
        let Some(what) = bounds::implausible(&record) else { return Ok(record) };
        Err(BackupError::Senseless { path: self.path.to_owned(), line: self.lines, what })
    }

    /// Checks that nothing follows the last line or the compressed text.
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
        // The checksum is valid, so the file was written with this damage.
        if [InvalidData, InvalidInput, UnexpectedEof].contains(&why.kind()) {
            BackupError::Damaged(self.path.to_owned())
        } else {
            BackupError::reading(self.path, why)
        }
    }
}

#[ports::async_trait]
impl Snapshot for Contents<'_> {
    type Error = BackupError;

    async fn page(&mut self) -> Result<Vec<Record>, BackupError> {
        let mut page = Vec::new();
        while !self.over && page.len() < PAGE {
            let line = self.line()?;
            if let Line::End { conversations, links, known, updates, sends, dead } = line {
                let stated = RecordCounts { conversations, links, known, updates, sends, dead };
                if stated != self.counts {
                    return Err(BackupError::Damaged(self.path.to_owned()));
                }
                self.ends()?;
                self.over = true;
                break;
            }
            let record = self.record(line)?;
            self.counts.count(&record);
            page.push(record);
        }
        Ok(page)
    }
}
