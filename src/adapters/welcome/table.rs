//! Reads TOML key by key, so that one pass finds every mistake and its line.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::WelcomeMistake;
use crate::spelling::did_you_mean;

/// Letters by which a misspelling differs from what was meant, at most.
const NEAR: usize = 2;

/// A value with its position.
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// A file being read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    source: &'a str,
    pub(super) mistakes: Vec<WelcomeMistake>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// Records a mistake at this position.
    pub(super) fn mistake(&mut self, at: &Range<usize>, what: impl Into<String>) {
        let before = self.source.get(..at.start).unwrap_or(self.source);
        let line = Some(before.matches('\n').count() + 1);
        self.mistakes.push(WelcomeMistake { line, what: what.into() });
    }

    /// Reports unknown keys.
    pub(super) fn only(&mut self, table: &DeTable<'_>, keys: &[&str]) {
        for key in table.keys() {
            let name = key.get_ref();
            if !keys.contains(&name.as_ref()) {
                let what = format!("there is no key `{name}` here; {}", suggestion(name, keys));
                self.mistake(&key.span(), what);
            }
        }
    }

    /// Reads a value that must be a table.
    pub(super) fn table<'t>(&mut self, value: &'t Value<'a>, key: &str) -> Option<&'t DeTable<'a>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.mistake(&value.span(), format!("`{key}` must be a table"));
        }
        table
    }

    /// Reads a value that must be a text that is not empty.
    pub(super) fn text<'t>(&mut self, table: &'t DeTable<'a>, key: &str) -> Option<&'t str> {
        let value = table.get(key)?;
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty());
        if text.is_none() {
            let what = format!("`{key}` must be a text in quotes that is not empty");
            self.mistake(&value.span(), what);
        }
        text
    }

    /// Reads a value that must be `true` or `false`.
    pub(super) fn flag(&mut self, table: &DeTable<'a>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistake(&value.span(), format!("`{key}` must be true or false"));
        }
        flag
    }

    /// Reads a value that must be a list.
    pub(super) fn list<'t>(&mut self, table: &'t DeTable<'a>, key: &str) -> &'t [Value<'a>] {
        let Some(value) = table.get(key) else { return &[] };
        let Some(list) = value.get_ref().as_array() else {
            self.mistake(&value.span(), format!("`{key}` must be a list"));
            return &[];
        };
        list
    }

    /// Checks a key that is stored and used as a metric label: short, and without characters that need escaping.
    pub(super) fn key(&mut self, at: &Range<usize>, key: &str, most: usize) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if key.len() > most || !key.chars().all(plain) {
            let what = format!(
                "`{key}` must have at most {most} of a-z, 0-9 and _: metrics are named by it"
            );
            self.mistake(at, what);
        }
    }
}

/// A suggestion for an unknown word: the most similar known one, or the list of known ones.
pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    match did_you_mean(word, known.iter().copied(), NEAR) {
        Some(known) => format!("did you mean `{known}`?"),
        None if known.is_empty() => "none is defined".to_owned(),
        None => format!("known: {}", known.join(", ")),
    }
}
