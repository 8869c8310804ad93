//! Sources of settings: the environment and a `.env` file.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use crate::config::mistakes::{Mistake, Mistakes};

/// A source of named values.
pub trait Source {
    /// The value of a variable. An empty value counts as not set.
    fn get(&self, name: &str) -> Option<String>;

    /// All names, to find misspelled ones.
    fn names(&self) -> Vec<String>;
}

impl Source for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).filter(|value| !value.trim().is_empty()).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// The process's environment, merged over the pairs of a `.env` file.
///
/// Has no `Debug`: it holds unrelated variables too, and some of them are secrets.
#[expect(missing_debug_implementations, reason = "it holds every secret of the environment")]
pub struct Environment {
    pairs: BTreeMap<String, String>,
    in_file: BTreeSet<String>,
}

impl Environment {
    /// Reads both. A missing file counts as empty. The environment itself is not changed.
    pub fn read(file: &Path) -> Result<Self, Mistakes> {
        let pairs = pairs_of_file(file)?;
        let in_file = pairs.keys().cloned().collect();
        Ok(Self { pairs: merged(pairs, std::env::vars_os()), in_file })
    }

    /// Whether the file sets a variable.
    pub fn is_in_file(&self, name: &str) -> bool {
        self.in_file.contains(name)
    }
}

impl Source for Environment {
    fn get(&self, name: &str) -> Option<String> {
        Source::get(&self.pairs, name)
    }

    fn names(&self) -> Vec<String> {
        self.pairs.names()
    }
}

/// Merges the environment over the pairs of the file. Empty variables of the environment do not override.
fn merged(
    mut pairs: BTreeMap<String, String>,
    environment: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
) -> BTreeMap<String, String> {
    for (name, value) in environment {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        if !value.trim().is_empty() {
            pairs.insert(name.into_owned(), value.into_owned());
        }
    }
    pairs
}

fn pairs_of_file(file: &Path) -> Result<BTreeMap<String, String>, Mistakes> {
    let mistake = |wrong: &str, remedy: &str| {
        let variable = file.display().to_string();
        Mistakes(vec![Mistake { variable, wrong: wrong.to_owned(), remedy: remedy.to_owned() }])
    };
    let pairs = match dotenvy::from_path_iter(file) {
        Ok(pairs) => pairs,
        Err(dotenvy::Error::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(BTreeMap::new());
        }
        Err(_unreadable) => {
            return Err(mistake("cannot be read", "let the program's user read it, or remove it"));
        }
    };
    // The parser's error would quote the line, which may hold a secret.
    pairs.collect::<Result<_, _>>().map_err(|_unparsable| {
        mistake(
            "has a line that is not NAME=value",
            "write one NAME=value a line, with values that contain spaces or # in 'single quotes'",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_unless_it_is_empty() {
        let file = [("A", "file"), ("B", "file"), ("C", "file")];
        let file = file.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let environment = [("A".into(), "environment".into()), ("B".into(), "".into())];
        let pairs = merged(BTreeMap::from(file), environment.into_iter());
        assert_eq!(pairs["A"], "environment");
        assert_eq!(pairs["B"], "file");
        assert_eq!(pairs["C"], "file");
    }
}
