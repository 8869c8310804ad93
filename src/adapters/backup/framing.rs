//! The frame around the records: a line with the format before them, a checksum and an end mark after them.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::errors::BackupError;

/// The format that this release writes.
pub(super) const FORMAT: u32 = 1;
/// The beginning of every backup, followed by the format's number and a line break.
const MAGIC: &[u8] = b"support-bot backup ";
/// The end of every backup.
const MARK: &[u8; 16] = b"\nend of backup.\n";
/// Length of the checksum in bytes.
const SUM: usize = 32;
const TAIL: u64 = (SUM + MARK.len()) as u64;
/// Digits of the format's number at most.
const DIGITS: usize = 9;

/// A writer that adds all bytes to the checksum.
#[derive(Debug)]
pub(super) struct ChecksumWriter<W> {
    to: W,
    sum: Sha256,
}

impl<W: Write> ChecksumWriter<W> {
    /// Writes the first line.
    pub(super) fn begin(to: W) -> io::Result<Self> {
        let mut writer = Self { to, sum: Sha256::new() };
        writer.write_all(MAGIC)?;
        writer.write_all(format!("{FORMAT}\n").as_bytes())?;
        Ok(writer)
    }

    /// Writes the checksum and the end mark.
    pub(super) fn end(self) -> io::Result<W> {
        let Self { mut to, sum } = self;
        to.write_all(&sum.finalize())?;
        to.write_all(MARK)?;
        to.flush()?;
        Ok(to)
    }
}

impl<W: Write> Write for ChecksumWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The position of the compressed text in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) begin: u64,
    pub(super) bytes: u64,
}

/// Reads the whole file and compares its checksum. Nothing in the file is trusted before that.
pub(super) fn verify(path: &Path, file: &mut File) -> Result<Body, BackupError> {
    let unreadable = |why| BackupError::reading(path, why);
    let bytes = file.metadata().map_err(unreadable)?.len();
    let begin = header(path, file)?;
    let Some(end) = bytes.checked_sub(TAIL).filter(|end| *end >= begin) else {
        return Err(BackupError::CutShort(path.to_owned()));
    };
    let mut tail = [0; SUM + MARK.len()];
    file.seek(SeekFrom::Start(end)).map_err(unreadable)?;
    file.read_exact(&mut tail).map_err(unreadable)?;
    let (expected, mark) = tail.split_at(SUM);
    if mark != MARK {
        return Err(BackupError::CutShort(path.to_owned()));
    }
    file.rewind().map_err(unreadable)?;
    let mut read = ChecksumWriter { to: io::sink(), sum: Sha256::new() };
    io::copy(&mut (&*file).take(end), &mut read).map_err(unreadable)?;
    if read.sum.finalize()[..] != *expected {
        return Err(BackupError::Damaged(path.to_owned()));
    }
    Ok(Body { begin, bytes: end - begin })
}

/// Reads the first line; returns its length.
fn header(path: &Path, file: &mut File) -> Result<u64, BackupError> {
    let mut first = Vec::new();
    let most = MAGIC.len() + DIGITS + 1;
    let read = file.take(most as u64).read_to_end(&mut first);
    read.map_err(|why| BackupError::reading(path, why))?;
    let Some(rest) = first.strip_prefix(MAGIC) else {
        let cut = MAGIC.starts_with(&first);
        let path = path.to_owned();
        return Err(if cut { BackupError::CutShort(path) } else { BackupError::Foreign(path) });
    };
    let Some(digits) = rest.iter().position(|byte| *byte == b'\n') else {
        let cut = rest.len() < DIGITS && rest.iter().all(u8::is_ascii_digit);
        let path = path.to_owned();
        return Err(if cut { BackupError::CutShort(path) } else { BackupError::Damaged(path) });
    };
    let format = rest.get(..digits).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    match format {
        Some(found) if found > FORMAT => {
            Err(BackupError::Newer { path: path.to_owned(), found, known: FORMAT })
        }
        Some(1..) => Ok((MAGIC.len() + digits + 1) as u64),
        Some(0) | None => Err(BackupError::Damaged(path.to_owned())),
    }
}
