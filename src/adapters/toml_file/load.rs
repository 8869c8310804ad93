//! Reads a whole file.

use std::path::Path;

use toml::de::{DeTable, Error};

use crate::files;

use super::{
    FileMistake, FileMistakes,
    reading::{Reading, Table},
};

/// Limit of a file's size, in bytes: far more than an owner can need.
const LONGEST: usize = 1 << 20;

/// Reads a file with `contents`, which returns `None` only after a mistake. Reports all mistakes at once.
pub fn load<T>(
    path: &Path,
    contents: impl for<'a> FnOnce(&mut Reading<'a>, &Table<'a>) -> Option<T>,
) -> Result<T, FileMistakes> {
    let refused = |mistakes| FileMistakes { file: path.to_owned(), mistakes };
    let source = files::read_text(path, LONGEST).map_err(|error| {
        let what = format!("it cannot be read: {error}");
        refused(vec![FileMistake { line: None, what }])
    })?;
    read(&source, contents).map_err(refused)
}

/// Reads a file's text, as [`load`] does. Mistakes are ordered by line.
fn read<T>(
    source: &str,
    contents: impl for<'a> FnOnce(&mut Reading<'a>, &Table<'a>) -> Option<T>,
) -> Result<T, Vec<FileMistake>> {
    let mut reading = Reading::of(source);
    let (document, errors) = DeTable::parse_recoverable(source);
    for error in &errors {
        reading.mistake(&error.span().unwrap_or(0..0), message(error));
    }
    // After a syntax error, the rest of the file would only produce misleading mistakes.
    let read = if errors.is_empty() { contents(&mut reading, document.get_ref()) } else { None };
    match read {
        Some(read) if reading.mistakes.is_empty() => Ok(read),
        Some(_) | None => Err(sorted(reading.mistakes)),
    }
}

fn message(error: &Error) -> String {
    error.message().replace('\n', "; ")
}

fn sorted(mut mistakes: Vec<FileMistake>) -> Vec<FileMistake> {
    mistakes.sort_by_key(|mistake| mistake.line);
    mistakes.dedup();
    mistakes
}
