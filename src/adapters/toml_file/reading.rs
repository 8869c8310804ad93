//! A file being read: the values under its keys, and the mistakes so far.

use std::ops::{Range, RangeInclusive};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::spelling::did_you_mean;
use domain::Language;

use super::FileMistake;

/// Letters by which a misspelling differs from what was meant, at most.
const NEAR: usize = 2;

/// A value with its position.
pub type Value<'a> = Spanned<DeValue<'a>>;
/// Keys with their values.
pub type Table<'a> = DeTable<'a>;

/// A file being read.
#[derive(Debug)]
pub struct Reading<'a> {
    source: &'a str,
    pub(super) mistakes: Vec<FileMistake>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// Whether a mistake was recorded.
    pub fn has_mistakes(&self) -> bool {
        !self.mistakes.is_empty()
    }

    /// Records a mistake at this position.
    pub fn mistake(&mut self, at: &Range<usize>, what: impl Into<String>) {
        let line = Some(self.line(at));
        self.mistakes.push(FileMistake { line, what: what.into() });
    }

    /// Records a mistake of the file as a whole.
    pub fn mistake_of_file(&mut self, what: impl Into<String>) {
        self.mistakes.push(FileMistake { line: None, what: what.into() });
    }

    /// Returns the line of a position, from 1.
    pub fn line(&self, at: &Range<usize>) -> usize {
        let before = self.source.get(..at.start).unwrap_or(self.source);
        before.matches('\n').count() + 1
    }

    /// Reports unknown keys.
    pub fn only(&mut self, table: &Table<'_>, keys: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref();
            if !keys.contains(&name.as_ref()) {
                let what = format!("there is no key `{name}` here; {}", suggestion(name, keys));
                self.mistake(&key.span(), what);
            }
        }
    }

    /// Reads a value that must be a table.
    pub fn table<'t>(&mut self, value: &'t Value<'a>, key: &str) -> Option<&'t Table<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.mistake(&value.span(), format!("`{key}` must be a table"));
        }
        table
    }

    /// Reads a value that must be a text that is not empty.
    pub fn text<'t>(&mut self, table: &'t Table<'a>, key: &str) -> Option<&'t str> {
        let value = table.get(key)?;
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let what = format!("`{key}` must be a text in quotes that is not empty");
            self.mistake(&value.span(), what);
        }
        text
    }

    /// Reads a value that must be `true` or `false`.
    pub fn flag(&mut self, table: &Table<'a>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistake(&value.span(), format!("`{key}` must be true or false"));
        }
        flag
    }

    /// Reads a value that must be a whole number in this range.
    pub fn number(
        &mut self,
        table: &Table<'a>,
        key: &str,
        range: RangeInclusive<u8>,
    ) -> Option<u8> {
        let value = table.get(key)?;
        let number = whole(value).and_then(|number| u8::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = range.into_inner();
            let what = format!("`{key}` must be a whole number from {least} to {most}");
            self.mistake(&value.span(), what);
        }
        number
    }

    /// Reads a value that must be the code of a language that the desk speaks.
    pub fn language(&mut self, table: &Table<'a>, key: &str) -> Option<Language> {
        let code = self.text(table, key)?;
        let language = Language::ALL.into_iter().find(|language| language.code() == code);
        if language.is_none() {
            let at = table.get(key).map_or(0..0, Spanned::span);
            self.mistake(&at, format!("the desk does not speak `{code}`: write en or ru"));
        }
        language
    }

    /// Reads a value that must be a list.
    pub fn list<'t>(&mut self, table: &'t Table<'a>, key: &str) -> &'t [Value<'a>] {
        let Some(value) = table.get(key) else { return &[] };
        let Some(list) = value.get_ref().as_array() else {
            self.mistake(&value.span(), format!("`{key}` must be a list"));
            return &[];
        };
        list
    }

    /// Checks a key that is stored and used as a metric label: short, and without characters that need escaping.
    pub fn key(&mut self, at: &Range<usize>, key: &str, most: usize) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if key.len() > most || !key.chars().all(plain) {
            let what = format!(
                "`{key}` must have at most {most} of a-z, 0-9 and _: metrics are named by it"
            );
            self.mistake(at, what);
        }
    }
}

/// The value as a whole number, if it is one.
pub fn whole(value: &Value<'_>) -> Option<i64> {
    let number = value.get_ref().as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A suggestion for an unknown word: the most similar known one, or the list of known ones.
pub fn suggestion(word: &str, known: &[&str]) -> String {
    match did_you_mean(word, known.iter().copied(), NEAR) {
        Some(known) => format!("did you mean `{known}`?"),
        None if known.is_empty() => "none is defined".to_owned(),
        None => format!("known: {}", known.join(", ")),
    }
}
