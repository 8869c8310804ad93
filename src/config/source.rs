//! Sources of settings: the environment and a `.env` file.

use std::{collections::BTreeMap, ffi::OsString, fmt, path::Path};

use crate::config::{
    env_file::EnvFile,
    mistakes::{Mistake, Mistakes},
};

/// A source of named values.
pub trait Source {
    /// The value of a variable. An empty value counts as not set.
    fn get(&self, name: &str) -> Option<String>;

    /// All names, to find misspelled ones.
    fn names(&self) -> Vec<String>;

    /// Where a variable is set; `None` if it is not.
    fn origin(&self, name: &str) -> Option<Origin> {
        self.get(name).map(|_value| Origin::Environment)
    }

    /// The names in the desk's own file, with their places.
    fn names_in_file(&self) -> Vec<(String, Origin)> {
        Vec::new()
    }

    /// The mistakes in the form of the file: the value of their variable was not read.
    fn mistakes(&self) -> &[Mistake] {
        &[]
    }

    /// Warnings about the file.
    fn warnings(&self) -> &[String] {
        &[]
    }
}

/// Where a variable is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The environment of the process.
    Environment,
    /// A line of a file.
    File {
        /// The file, as it was named.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => write!(f, "environment"),
            Self::File { file, line } => write!(f, "{file}, line {line}"),
        }
    }
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
    variables: BTreeMap<String, String>,
    file: EnvFile,
}

impl Environment {
    /// Reads both. A missing file counts as empty; mistakes in its lines are reported with those of the values. The
    /// environment itself is not changed.
    pub fn read(file: &Path) -> Result<Self, Mistakes> {
        let file = EnvFile::read(file).map_err(|mistake| Mistakes(vec![mistake]))?;
        Ok(Self::merged(file.unwrap_or_default(), std::env::vars_os()))
    }

    /// Like [`read`](Self::read), with a file that must exist.
    pub fn read_existing(file: &Path) -> Result<Self, Mistakes> {
        let missing = || {
            let label = file.display().to_string();
            Mistake::new(&label, "is not there", "check the path after --env-file")
        };
        let found = EnvFile::read(file).and_then(|found| found.ok_or_else(missing));
        let file = found.map_err(|mistake| Mistakes(vec![mistake]))?;
        Ok(Self::merged(file, std::env::vars_os()))
    }

    /// Empty variables of the environment do not override the file.
    fn merged(file: EnvFile, environment: impl Iterator<Item = (OsString, OsString)>) -> Self {
        let variables = environment
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .filter(|(_name, value)| !value.trim().is_empty())
            .collect();
        Self { variables, file }
    }

    fn at(&self, line: usize) -> Origin {
        Origin::File { file: self.file.label.clone(), line }
    }
}

impl Source for Environment {
    fn get(&self, name: &str) -> Option<String> {
        let in_file = || self.file.pairs.get(name).map(|(value, _line)| value);
        let value = self.variables.get(name).or_else(in_file);
        value.filter(|value| !value.trim().is_empty()).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.variables.keys().chain(self.file.names.keys()).cloned().collect()
    }

    fn origin(&self, name: &str) -> Option<Origin> {
        self.get(name)?;
        if self.variables.contains_key(name) {
            return Some(Origin::Environment);
        }
        self.file.pairs.get(name).map(|(_value, line)| self.at(*line))
    }

    fn names_in_file(&self) -> Vec<(String, Origin)> {
        let names = self.file.names.iter();
        names.map(|(name, line)| (name.clone(), self.at(*line))).collect()
    }

    fn mistakes(&self) -> &[Mistake] {
        &self.file.mistakes
    }

    fn warnings(&self) -> &[String] {
        &self.file.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_wins_over_the_file_unless_it_is_empty() {
        let file = EnvFile::parse(".env".to_owned(), b"A=file\nB=file\nC=file").unwrap();
        let environment = [("A".into(), "environment".into()), ("B".into(), "".into())];
        let both = Environment::merged(file, environment.into_iter());
        for (name, value, origin) in [
            ("A", "environment", "environment"),
            ("B", "file", ".env, line 2"),
            ("C", "file", ".env, line 3"),
        ] {
            assert_eq!(both.get(name).as_deref(), Some(value));
            assert_eq!(both.origin(name).unwrap().to_string(), origin);
        }
        assert_eq!(both.origin("D"), None);
    }
}
