//! Reads a `.env` file. Each mistake names its line and the variable, never a value, and all are reported at once.
//!
//! ```text
//! file    = lines that end with LF or CR LF, in UTF-8 or, with a byte order mark, in UTF-16
//! line    = blank | "#" comment | [ "export" ] NAME "=" value
//! NAME    = a letter or _, then letters, digits, _ - and .
//! value   = see `quoting.rs`; spaces and tabs may stand before and after each part
//! ```
//!
//! Docker Compose reads the same file, and takes more: `NAME: value`, values of several lines, substitutions. The values
//! of names that are not settings of the desk are therefore left to it, and may have several lines.

use std::{collections::BTreeMap, path::Path};

use crate::{
    config::{
        mistakes::Mistake,
        quoting::{Unclear, quoted, unquoted},
        variables::is_setting,
    },
    files::{self, FileError},
};

/// Size limit of the file, in bytes.
const LARGEST: usize = 1 << 20;
/// The usual remedy for a file that is not text.
const SAVE_AS_UTF8: &str = "save it as plain text, in UTF-8";

/// What a file holds.
#[derive(Debug, Default)]
pub(in crate::config) struct EnvFile {
    /// How messages name the file.
    pub(in crate::config) label: String,
    /// The values that were read, with their lines. Lines are counted from 1.
    pub(in crate::config) pairs: BTreeMap<String, (String, usize)>,
    /// All names, also those whose value was not read, with their first lines.
    pub(in crate::config) names: BTreeMap<String, usize>,
    /// The mistakes, by line.
    pub(in crate::config) mistakes: Vec<Mistake>,
    /// Warnings about the file as a whole.
    pub(in crate::config) warnings: Vec<String>,
}

impl EnvFile {
    /// Reads a file. `None` means that there is none; an error, that no line could be read.
    pub(in crate::config) fn read(path: &Path) -> Result<Option<Self>, Mistake> {
        let label = path.display().to_string();
        let (wrong, remedy) = match files::read(path, LARGEST) {
            Ok(bytes) => return Self::parse(label, &bytes).map(Some),
            Err(error) if error.is_missing() => return Ok(None),
            Err(FileError::Irregular) if path.is_dir() => {
                ("is a folder".to_owned(), "remove the folder, and write a file of that name")
            }
            Err(error @ (FileError::Irregular | FileError::NoText)) => {
                (format!("cannot be read: {error}"), "name a text file")
            }
            Err(FileError::TooLarge(most)) => {
                (format!("is larger than {} kB", most / 1024), "keep only the settings in it")
            }
            Err(error @ FileError::Io(_)) => (
                format!("cannot be read ({error})"),
                "let the program's user read it, or remove it",
            ),
        };
        Err(Mistake::new(&label, &wrong, remedy))
    }

    /// Reads the content of a file.
    pub(in crate::config) fn parse(label: String, bytes: &[u8]) -> Result<Self, Mistake> {
        let mut file = Self { label, ..Self::default() };
        let text = file.decode(bytes)?;
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let mut number = 0;
        while let Some(line) = lines.next() {
            number += 1;
            let Some((name, value)) = file.statement(line, number) else { continue };
            file.names.entry(name.to_owned()).or_insert(number);
            match unquoted(value) {
                Ok(value) => file.insert(name, value, number),
                Err(unclear) if is_setting(name) => file.refuse(name, number, value, unclear),
                // Compose reads it up to the line with the closing quotation mark.
                Err(Unclear::Unclosed) => {
                    let quote = value.trim_start().chars().next().unwrap_or('"');
                    match lines.clone().position(|line| line.contains(quote)) {
                        Some(more) => {
                            number += more + 1;
                            lines.nth(more);
                        }
                        None => file.refuse(name, number, value, Unclear::Unclosed),
                    }
                }
                Err(_left_to_compose) => {}
            }
        }
        Ok(file)
    }

    /// How messages name a line.
    pub(in crate::config) fn place(&self, line: usize) -> String {
        format!("{}, line {line}", self.label)
    }

    /// The text of the file, without a byte order mark.
    fn decode(&mut self, bytes: &[u8]) -> Result<String, Mistake> {
        let binary = |wrong: &str| Mistake::new(&self.label, wrong, SAVE_AS_UTF8);
        let utf16 = match bytes {
            [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
            [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
            _ => None,
        };
        if let Some((rest, unit)) = utf16 {
            let (pairs, odd) = rest.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
            let text = String::from_utf16(&units).ok().filter(|_| odd.is_empty());
            let text = text.ok_or_else(|| binary("is not text"))?;
            let label = &self.label;
            self.warnings.push(format!(
                "{label} is in UTF-16, which Docker Compose does not read: {SAVE_AS_UTF8}"
            ));
            return Ok(text);
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let line = |until: usize| bytes[..until].split(|byte| *byte == b'\n').count();
        if let Some(zero) = bytes.iter().position(|byte| *byte == 0) {
            return Err(binary(&format!("is not text (line {} holds a zero byte)", line(zero))));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            binary(&format!("is not UTF-8 text (line {})", line(error.valid_up_to())))
        })?;
        Ok(text.to_owned())
    }

    /// The name on a line, and what stands after `=`. `None` for a blank line, a comment or a mistake.
    fn statement<'a>(&mut self, line: &'a str, number: usize) -> Option<(&'a str, &'a str)> {
        let line = line.trim_matches([' ', '\t']);
        if line.trim().is_empty() || line.starts_with('#') {
            return None;
        }
        let exported = line.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
        let line = exported.unwrap_or(line).trim_start_matches([' ', '\t']);
        let length = line.find(|c: char| !is_of_name(c)).unwrap_or(line.len());
        let (name, rest) = line.split_at(length);
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if named && let Some(value) = rest.trim_start_matches([' ', '\t']).strip_prefix('=') {
            return Some((name, value));
        }
        let place = self.place(number);
        // Any other word may be part of a secret.
        self.mistakes.push(if is_setting(name) {
            self.names.entry(name.to_owned()).or_insert(number);
            Mistake::new(name, "has no = after its name", &format!("write {name}=value")).at(place)
        } else {
            let remedy = "write one NAME=value a line; a comment begins with #";
            Mistake::new(&place, "is not NAME=value", remedy)
        });
        None
    }

    /// Takes a value. Only an empty one, which counts as not set, may be followed by another of the same name.
    fn insert(&mut self, name: &str, value: String, number: usize) {
        match self.pairs.get(name) {
            Some((before, line)) if is_setting(name) && !before.is_empty() => {
                let wrong = format!("is set twice, in lines {line} and {number} of {}", self.label);
                self.mistakes.push(Mistake::new(name, &wrong, "keep one of them"));
            }
            Some(_) | None => {
                self.pairs.insert(name.to_owned(), (value, number));
            }
        }
    }

    fn refuse(&mut self, name: &str, number: usize, text: &str, unclear: Unclear) {
        let remedy = remedy(name, text, unclear);
        let mistake = Mistake::new(name, unclear.wrong(), &remedy).at(self.place(number));
        self.mistakes.push(mistake);
    }
}

/// Shows how to write a value, without the value.
fn remedy(name: &str, text: &str, unclear: Unclear) -> String {
    let written = quoted(text.trim_matches([' ', '\t', '\'', '"']));
    let single = written.is_none_or(|written| !written.starts_with('"'));
    match unclear {
        Unclear::Unclosed => format!("close it, as in {name}='value'"),
        Unclear::Rest => {
            format!("write nothing but a # comment after it, as in {name}='value' # why")
        }
        Unclear::Invisible => {
            "type the value anew, or copy it without what surrounds it".to_owned()
        }
        Unclear::Hash if text.trim_start().starts_with('#') => {
            format!(
                "write {name}= alone for no value, or put the value into single quotes: {name}='#value'"
            )
        }
        Unclear::Dollar | Unclear::Hash | Unclear::Quote | Unclear::Backslash if single => {
            let comment =
                if unclear == Unclear::Hash { "; before a comment, write a space" } else { "" };
            format!("put the value into single quotes: {name}='value'{comment}")
        }
        Unclear::Dollar | Unclear::Hash | Unclear::Quote | Unclear::Backslash => format!(
            "put the value into double quotes, and a backslash before each $, \" and \\ in it: {name}=\"value\""
        ),
    }
}

/// Whether a name may hold a character. Compose takes a few more.
fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}
