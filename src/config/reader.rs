//! Reads variables one by one and collects all mistakes.

use std::{fmt::Display, ops::RangeInclusive, path::Path, str::FromStr};

use secrecy::SecretString;

use crate::{
    config::{
        mistakes::Mistake,
        placeholders::is_placeholder,
        source::{Origin, Source},
        variables::{BOOLEAN, Requirement, VARIABLES, Variable, file_variable},
    },
    files,
};

/// Size limit of a file that holds a secret, in bytes.
const LONGEST_SECRET: usize = 64 << 10;

/// What is wrong with a variable that must be set and is not.
pub(in crate::config) const MISSING: &str = "is missing";

/// Reads variables from a source. A mistake is collected, and the reading returns `None`.
pub(in crate::config) struct Reader<'a> {
    source: &'a dyn Source,
    pub(in crate::config) mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(in crate::config) fn new(source: &'a dyn Source) -> Self {
        Self { source, mistakes: Vec::new() }
    }

    /// Reports a mistake. That a variable is missing is not reported if its value was refused for another reason.
    pub(in crate::config) fn mistake(&mut self, name: &str, wrong: &str, remedy: &str) {
        if wrong == MISSING && self.is_refused(name) {
            return;
        }
        let mistake = Mistake::new(name, wrong, remedy);
        self.mistakes.push(match self.source.origin(name) {
            Some(origin @ Origin::File { .. }) => mistake.at(origin.to_string()),
            Some(Origin::Environment) | None => mistake,
        });
    }

    /// Whether a variable, or the one that names its file, has a mistake already.
    fn is_refused(&self, name: &str) -> bool {
        let mut mistakes = self.source.mistakes().iter().chain(&self.mistakes);
        let file = file_variable(name);
        mistakes.any(|mistake| mistake.variable == name || mistake.variable == file)
    }

    /// The value or the default. A missing required variable is a mistake.
    pub(in crate::config) fn text(&mut self, name: &'static str) -> Option<String> {
        let variable = described(name)?;
        let value = if variable.secret { self.secret_text(name) } else { self.given(name) };
        if let Some(value) = &value
            && is_placeholder(name, value)
        {
            self.mistake(name, "is the placeholder of an example", "write your own");
            return None;
        }
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
        N: FromStr + PartialOrd + Copy + Display,
    {
        let value = self.text(name)?;
        let number = value.parse().ok().filter(|number| bounds.contains(number));
        let unit = described(name).map_or("", |variable| variable.unit);
        let (lowest, highest) = (bounds.start(), bounds.end());
        let range = format!(", {lowest} to {highest}");
        debug_assert!(unit.contains(&range), "{name}: the unit must say the range{range}");
        if number.is_none() {
            let unit = unit.replace(&range, "");
            self.mistake(
                name,
                &format!("is {value:?}"),
                &format!("write a whole number from {lowest} to {highest} ({unit})"),
            );
        }
        number
    }

    /// Whether a switch is on.
    pub(in crate::config) fn switch(&mut self, name: &'static str) -> Option<bool> {
        let value = self.text(name)?;
        let on = is_on(&value);
        if on.is_none() {
            self.mistake(name, &format!("is {value:?}"), &format!("write {BOOLEAN}"));
        }
        on
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
        let is_default = |given: &str| {
            default.is_some_and(|default| {
                given == default || is_on(given).is_some_and(|on| Some(on) == is_on(default))
            })
        };
        given.is_some_and(|given| !is_default(&given))
    }

    /// Whether a variable is set, directly or through `NAME_FILE`.
    pub(in crate::config) fn is_given(&self, name: &str) -> bool {
        self.given(name).is_some() || self.given(&file_variable(name)).is_some()
    }

    pub(in crate::config) fn given(&self, name: &str) -> Option<String> {
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
            (None, Some(file)) if file.starts_with('~') => {
                self.tilde(&file_variable, None);
                None
            }
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
                        &format!("names a file that cannot be read ({error})"),
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
        self.mistake(variable.name, MISSING, &remedy);
    }
}

/// Whether a word stands for on or off; `None` if it stands for neither.
fn is_on(word: &str) -> Option<bool> {
    const WORDS: [(&str, bool); 8] = [
        ("true", true),
        ("false", false),
        ("yes", true),
        ("no", false),
        ("on", true),
        ("off", false),
        ("1", true),
        ("0", false),
    ];
    let found = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    found.map(|(_, on)| *on)
}

fn described(name: &str) -> Option<&'static Variable> {
    let variable = VARIABLES.iter().find(|variable| variable.name == name);
    debug_assert!(variable.is_some(), "{name} is not in the table");
    variable
}
