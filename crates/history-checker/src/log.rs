//! The text form of a history, so that it can be saved and checked again.

use std::io::{self, BufRead, Write};

use super::Entry;

/// Reads a history: one line of JSON per entry.
pub fn read(from: impl BufRead) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for (at, line) in from.lines().enumerate() {
        let line = line?;
        let entry = serde_json::from_str(&line).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {error}", at + 1))
        })?;
        entries.push(entry);
    }
    Ok(entries)
}

/// Writes a history: one line of JSON per entry.
pub fn write(entries: &[Entry], to: &mut impl Write) -> io::Result<()> {
    for entry in entries {
        serde_json::to_writer(&mut *to, entry)?;
        to.write_all(b"\n")?;
    }
    to.flush()
}
