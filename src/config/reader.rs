//! Reads variables one by one and collects all mistakes.

use std::{ops::RangeInclusive, path::Path, str::FromStr};

use secrecy::SecretString;

use crate::{
    config::{
        mistakes::Mistake,
        source::Source,
        variables::{Requirement, VARIABLES, Variable},
    },
    files::{self, FileError},
};

/// Size limit of a file that holds a secret, in bytes.
const LONGEST_SECRET: usize = 64 << 10;

/// Reads variables from a source. A mistake is collected, and the reading returns `None`.
pub(in crate::config) struct Reader<'a> {
    source: &'a dyn Source,
    pub(in crate::config) mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(in crate::config) fn new(source: &'a dyn Source) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    pub(in crate::config) fn mistake(&mut self, name: &str, wrong: &str, remedy: &str) {
        let (variable, wrong, remedy) = (name.to_owned(), wrong.to_owned(), remedy.to_owned());
        self.mistakes.push(Mistake { variable, wrong, remedy });
    }

    /// The value or the default. A missing required variable is a mistake.
    pub(in crate::config) fn text(&mut self, name: &'static str) -> Option<String> {
        let variable = described(name)?;
        let value = if variable.secret { self.secret_text(name) } else { self.given(name) };
        if value.is_some() {
            return value;
        }
        match variable.requirement {
            Requirement::Default(default) => Some(default.to_owned()),
            Requirement::Optional => None,
            Requirement::Required => {
                // If `NAME_FILE` is set, the unreadable file is already reported.
                if !variable.secret || self.source.get(&file_variable(name)).is_none() {
                    self.missing(variable);
                }
                None
            }
        }
    }

    /// A secret, from the variable or from the file that `NAME_FILE` names.
    pub(in crate::config) fn secret(&mut self, name: &'static str) -> Option<SecretString> {
        self.text(name).map(SecretString::from)
    }

    /// A whole number within `bounds`.
    pub(in crate::config) fn number<N>(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<N>,
    ) -> Option<N>
    where
        N: FromStr + PartialOrd + Copy,
    {
        let value = self.text(name)?;
        let number = value.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            let unit = described(name).map_or("", |variable| variable.unit);
            self.mistake(
                name,
                &format!("is {value:?}, which is not a number in the allowed range"),
                &format!("write a whole number ({unit})"),
            );
        }
        number
    }

    /// The value of the matching word in `words`.
    pub(in crate::config) fn word<W: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&str, W)],
    ) -> Option<W> {
        let value = self.text(name)?;
        let found = words.iter().find(|(word, _)| value.eq_ignore_ascii_case(word));
        if found.is_none() {
            let choices = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
            self.mistake(name, &format!("is {value:?}"), &format!("write {choices}"));
        }
        found.map(|(_, value)| *value)
    }

    /// Whether a variable is set to something other than its default.
    pub(in crate::config) fn differs(&self, name: &str) -> bool {
        let default = described(name).and_then(|variable| match variable.requirement {
            Requirement::Default(default) => Some(default),
            Requirement::Required | Requirement::Optional => None,
        });
        let given = self.given(name).or_else(|| self.given(&file_variable(name)));
        given.is_some_and(|given| Some(given.as_str()) != default)
    }

    /// Whether a variable is set, directly or through `NAME_FILE`.
    pub(in crate::config) fn is_given(&self, name: &str) -> bool {
        self.given(name).is_some() || self.given(&file_variable(name)).is_some()
    }

    fn given(&self, name: &str) -> Option<String> {
        // Other programs read these names in lower case too.
        let lower = || name.ends_with("_PROXY").then(|| name.to_ascii_lowercase());
        let value = self.source.get(name).or_else(|| self.source.get(&lower()?));
        value.map(|value| value.trim().to_owned())
    }

    fn secret_text(&mut self, name: &'static str) -> Option<String> {
        let file_variable = file_variable(name);
        match (self.given(name), self.given(&file_variable)) {
            (Some(_), Some(_)) => {
                self.mistake(
                    &format!("{name} and {file_variable}"),
                    "are both set",
                    "keep one of the two",
                );
                None
            }
            (given, None) => given,
            // No mistake quotes the file's name: it may be the secret itself, set in the wrong variable.
            (None, Some(file)) => match files::read_text(Path::new(&file), LONGEST_SECRET) {
                Ok(content) if !content.trim().is_empty() => Some(content.trim().to_owned()),
                Ok(_empty) => {
                    self.mistake(
                        &file_variable,
                        "names a file that is empty",
                        "write the secret into it",
                    );
                    None
                }
                Err(error) => {
                    self.mistake(
                        &file_variable,
                        &format!("names a file that cannot be read ({})", why(&error)),
                        "name a text file that the program's user can read; the secret itself goes into the variable without _FILE",
                    );
                    None
                }
            },
        }
    }

    fn missing(&mut self, variable: &Variable) {
        let or_file =
            if variable.secret { format!(", or {}_FILE", variable.name) } else { String::new() };
        let remedy = format!("set it{or_file} ({}). {}", variable.unit, variable.consequence);
        self.mistake(variable.name, "is missing", &remedy);
    }
}

/// A short description of why a file cannot be read.
pub(in crate::config) fn why(error: &FileError) -> String {
    match error {
        FileError::Io(error) => error.kind().to_string(),
        FileError::Irregular | FileError::TooLarge(_) | FileError::NoText => error.to_string(),
    }
}

fn described(name: &str) -> Option<&'static Variable> {
    let variable = VARIABLES.iter().find(|variable| variable.name == name);
    debug_assert!(variable.is_some(), "{name} is not in the table");
    variable
}

fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}
