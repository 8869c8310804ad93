//! The settings as far as they are known: those that are there already, and the answers.

use std::{collections::BTreeMap, path::Path};

use crate::config::{Environment, Mistake, Mistakes, Settings, Source as _};

/// What must be there for the settings to be judged, before it is known.
const STAND_INS: [(&str, &str); 3] = [
    ("BOT_TOKEN", "1:stand-in-until-the-token-is-known"),
    ("BOT_DEV_ID", "1"),
    ("BOT_GROUP_ID", "-1001000000000"),
];

/// Settings whose value from the environment is written as well: a desk cannot start without them.
const REQUIRED: [&str; 4] = ["BOT_TOKEN", "BOT_TOKEN_FILE", "BOT_DEV_ID", "BOT_GROUP_ID"];

/// Settings that are becoming complete.
///
/// Has no `Debug`: it holds secrets.
pub(super) struct Draft {
    given: Environment,
    answers: BTreeMap<&'static str, String>,
    /// Settings that are there but wrong: an answer replaces them.
    rejected: Vec<&'static str>,
}

impl Draft {
    /// Begins with the environment and the file, if it exists.
    pub(super) fn begin(file: &Path) -> Result<Self, Mistakes> {
        let given = Environment::read(file)?;
        Ok(Self { given, answers: BTreeMap::new(), rejected: Vec::new() })
    }

    /// Whether a setting is known, directly or by the file that holds it.
    pub(super) fn has(&self, name: &'static str) -> bool {
        let file = format!("{name}_FILE");
        self.answers.contains_key(name)
            || !self.rejected.contains(&name)
                && (self.given.get(name).is_some() || self.given.get(&file).is_some())
    }

    /// Takes an answer.
    pub(super) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.answers.insert(name, value.into());
    }

    /// Forgets what is set but wrong, of what setup finds out itself. Returns why.
    pub(super) fn reject_wrong(&mut self) -> Vec<Mistake> {
        let mut all = Vec::new();
        for (name, _) in STAND_INS {
            let mistakes = self.mistakes(&[name]);
            if !mistakes.is_empty() {
                self.reject(name);
                all.extend(mistakes);
            }
        }
        all
    }

    /// Forgets a value that cannot be used.
    pub(super) fn reject(&mut self, name: &'static str) {
        self.answers.remove(name);
        self.rejected.push(name);
    }

    /// The mistakes in these settings.
    pub(super) fn mistakes(&self, names: &[&str]) -> Vec<Mistake> {
        let concerns = |mistake: &Mistake| {
            mistake.variable.split(" and ").any(|variable| {
                let name = variable.strip_suffix("_FILE").unwrap_or(variable);
                names.contains(&name)
            })
        };
        match self.settings() {
            Ok(_) => Vec::new(),
            Err(Mistakes(mistakes)) => mistakes.into_iter().filter(concerns).collect(),
        }
    }

    /// The settings as they will be, with stand-ins for what is not known yet.
    pub(super) fn settings(&self) -> Result<Settings, Mistakes> {
        let mut values = BTreeMap::new();
        for name in self.given.names() {
            let held = name.strip_suffix("_FILE").unwrap_or(&name);
            if !self.rejected.iter().any(|rejected| *rejected == name || *rejected == held) {
                values.extend(self.given.get(&name).map(|value| (name, value)));
            }
        }
        values.extend(self.answers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        for (name, value) in STAND_INS {
            if !values.contains_key(name) && !values.contains_key(&format!("{name}_FILE")) {
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        Settings::load(&values)
    }

    /// What is to be written, in the order of the documentation.
    pub(super) fn to_write(&self) -> Vec<(&'static str, String)> {
        let from_environment = REQUIRED.into_iter().filter(|name| !self.given.is_in_file(name));
        let from_environment =
            from_environment.filter_map(|name| Some((name, self.given.get(name)?)));
        let mut all: BTreeMap<&'static str, String> = from_environment.collect();
        for name in &self.rejected {
            all.remove(name);
        }
        all.extend(self.answers.clone());
        all.into_iter().collect()
    }
}
