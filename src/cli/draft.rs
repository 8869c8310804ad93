//! The settings as far as they are known: those that are there already, and the answers.

use std::collections::BTreeMap;

use crate::config::{
    Environment, Mistake, Mistakes, Origin, Settings, Source, VARIABLES, counterpart, file_variable,
};

/// What must be there for the settings to be judged, before it is known.
const STAND_INS: [(&str, &str); 3] = [
    ("BOT_TOKEN", "1:stand-in-until-the-token-is-known"),
    ("BOT_DEV_ID", "1"),
    ("BOT_GROUP_ID", "-1001000000000"),
];

/// What every desk needs: without any of these there is no desk yet. Setup writes them even if the environment sets
/// them.
pub(in crate::cli) const REQUIRED: [&str; 4] =
    ["BOT_TOKEN", "BOT_TOKEN_FILE", "BOT_DEV_ID", "BOT_GROUP_ID"];

/// Settings that are becoming complete.
///
/// Has no `Debug`: it holds secrets.
pub(in crate::cli) struct Draft {
    given: Environment,
    answers: BTreeMap<&'static str, String>,
    /// Settings that are there but wrong: an answer replaces them.
    rejected: Vec<&'static str>,
    /// Variables that count as not set.
    ignored: Option<&'static str>,
    /// Mistakes in the form of the file, without those of rejected settings.
    mistakes: Vec<Mistake>,
}

impl Draft {
    /// Begins with what the environment and the file set.
    pub(in crate::cli) fn begin(given: Environment) -> Self {
        let mistakes = given.mistakes().to_vec();
        Self { given, answers: BTreeMap::new(), rejected: Vec::new(), ignored: None, mistakes }
    }

    /// Ignores a variable wherever it is set.
    pub(in crate::cli) fn ignore(&mut self, variable: Option<&'static str>) {
        self.ignored = variable;
    }

    fn given(&self, name: &str) -> Option<String> {
        self.given.get(name).filter(|_| self.ignored != Some(name))
    }

    /// Whether a setting is known, directly or by the file that holds it.
    pub(in crate::cli) fn has(&self, name: &'static str) -> bool {
        self.get(name).is_some_and(|_| !self.is_stand_in(name))
            || self.get(&file_variable(name)).is_some()
    }

    /// Takes an answer.
    pub(in crate::cli) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.answers.insert(name, value.into());
        self.reject_given(name);
    }

    /// Forgets what is set but wrong, of what setup finds out itself. Returns why.
    pub(in crate::cli) fn reject_wrong(&mut self) -> Vec<Mistake> {
        let mut all = Vec::new();
        for (name, _) in STAND_INS {
            let mistakes = self.mistakes_in(&[name]);
            if !mistakes.is_empty() {
                self.reject(name);
                all.extend(mistakes);
            }
        }
        all
    }

    /// Forgets whatever is set but wrong. Returns why.
    pub(in crate::cli) fn without_mistakes(&mut self) -> Vec<Mistake> {
        let mut all = Vec::new();
        // A value that is forgotten may make another one a mistake, as with two that belong together.
        while let Err(Mistakes(mistakes)) = self.settings() {
            let before = self.rejected.len();
            for mistake in &mistakes {
                for variable in VARIABLES.iter().filter(|one| concerns(mistake, &[one.name])) {
                    self.reject(variable.name);
                }
            }
            let is_stuck = self.rejected.len() == before;
            all.extend(mistakes);
            if is_stuck {
                break;
            }
        }
        all
    }

    /// What a desk needs and nobody has set.
    pub(in crate::cli) fn missing(&self) -> Vec<Mistake> {
        let is_missing = |name: &str| self.given(name).is_none() && !self.is_rejected(name);
        let names = STAND_INS.map(|(name, _)| name);
        let names: Vec<&str> = names.into_iter().filter(|name| is_missing(name)).collect();
        match Settings::load(&WithoutStandIns(self)) {
            Ok(_) => Vec::new(),
            Err(Mistakes(all)) => all.into_iter().filter(|one| concerns(one, &names)).collect(),
        }
    }

    /// Whether the file sets a secret.
    pub(in crate::cli) fn has_secret_in_file(&self) -> bool {
        let secret = |name: &str| VARIABLES.iter().any(|one| one.secret && one.name == name);
        self.given
            .names_in_file()
            .iter()
            .any(|(name, _)| secret(name) && self.given(name).is_some())
    }

    /// Forgets a value that cannot be used.
    pub(in crate::cli) fn reject(&mut self, name: &'static str) {
        self.answers.remove(name);
        self.reject_given(name);
    }

    fn reject_given(&mut self, name: &'static str) {
        self.rejected.push(name);
        self.mistakes.retain(|mistake| !concerns(mistake, &[name]));
    }

    /// The mistakes in these settings.
    pub(in crate::cli) fn mistakes_in(&self, names: &[&str]) -> Vec<Mistake> {
        match self.settings() {
            Ok(_) => Vec::new(),
            Err(Mistakes(mistakes)) => {
                mistakes.into_iter().filter(|mistake| concerns(mistake, names)).collect()
            }
        }
    }

    /// The settings as they will be, with stand-ins for what is not known yet.
    pub(in crate::cli) fn settings(&self) -> Result<Settings, Mistakes> {
        Settings::load(self)
    }

    /// The variable of the environment that contradicts what was written, and wins.
    pub(in crate::cli) fn overriding(&self, name: &str, written: &str) -> Option<String> {
        let other = counterpart(name);
        let by_environment = |name: &str| self.given.origin(name) == Some(Origin::Environment);
        if by_environment(&other) {
            return Some(other);
        }
        let differs = by_environment(name) && self.given(name).as_deref() != Some(written);
        differs.then(|| name.to_owned())
    }

    /// Settings that only the environment makes, if these are written into the file.
    pub(in crate::cli) fn only_in_environment(&self, written: &[&str]) -> Vec<&'static str> {
        let is_only_there = |name: &str| {
            self.given.origin(name) == Some(Origin::Environment)
                && !written.contains(&name)
                && !self.given.names_in_file().iter().any(|(found, _)| found == name)
        };
        let names = VARIABLES.iter().map(|variable| variable.name);
        names.filter(|name| is_only_there(name)).collect()
    }

    /// What is to be written, by name.
    pub(in crate::cli) fn to_write(&self) -> Vec<(&'static str, String)> {
        let in_file = self.given.names_in_file();
        let is_in_file = |name: &str| in_file.iter().any(|(found, _)| found == name);
        let missing =
            REQUIRED.into_iter().filter(|name| !is_in_file(name) && !self.is_rejected(name));
        let missing = missing.filter_map(|name| Some((name, self.given(name)?)));
        let mut all: BTreeMap<&'static str, String> = missing.collect();
        let is_news = |name: &str, value: &str| {
            !is_in_file(name) || self.given(name).as_deref() != Some(value)
        };
        let answers = self.answers.iter().filter(|(name, value)| is_news(name, value));
        all.extend(answers.map(|(name, value)| (*name, value.clone())));
        all.into_iter().collect()
    }

    fn is_rejected(&self, name: &str) -> bool {
        let held = name.strip_suffix("_FILE").unwrap_or(name);
        self.rejected.iter().any(|rejected| *rejected == name || *rejected == held)
    }

    fn is_stand_in(&self, name: &str) -> bool {
        !self.answers.contains_key(name) && (self.is_rejected(name) || self.given(name).is_none())
    }
}

impl Source for Draft {
    fn get(&self, name: &str) -> Option<String> {
        if let Some(answer) = self.answers.get(name) {
            return Some(answer.clone());
        }
        if !self.is_rejected(name) {
            if let Some(given) = self.given(name) {
                return Some(given);
            }
            if self.given(&file_variable(name)).is_some() {
                return None;
            }
        }
        let stand_in = STAND_INS.into_iter().find(|(stand_in, _)| *stand_in == name);
        stand_in.map(|(_, value)| value.to_owned())
    }

    fn names(&self) -> Vec<String> {
        let answers = self.answers.keys().map(|name| (*name).to_owned());
        let given = self.given.names().into_iter().filter(|name| !self.is_rejected(name));
        given.chain(answers).collect()
    }

    fn origin(&self, name: &str) -> Option<Origin> {
        if self.answers.contains_key(name) || self.is_rejected(name) {
            return None;
        }
        self.given.origin(name)
    }

    fn names_in_file(&self) -> Vec<(String, Origin)> {
        self.given.names_in_file()
    }

    fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// A draft that shows what is missing.
struct WithoutStandIns<'d>(&'d Draft);

impl Source for WithoutStandIns<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|_| !self.0.is_stand_in(name))
    }

    fn names(&self) -> Vec<String> {
        self.0.names()
    }

    fn origin(&self, name: &str) -> Option<Origin> {
        self.0.origin(name)
    }

    fn names_in_file(&self) -> Vec<(String, Origin)> {
        self.0.names_in_file()
    }

    fn mistakes(&self) -> &[Mistake] {
        self.0.mistakes()
    }
}

/// Whether a mistake is about one of these settings.
fn concerns(mistake: &Mistake, names: &[&str]) -> bool {
    mistake.variable.split(" and ").any(|variable| {
        // `NAME_FILE` holds the value of `NAME`, unless it is a setting of its own.
        let held = variable.strip_suffix("_FILE").unwrap_or(variable);
        names.contains(&variable) || names.contains(&held)
    })
}
