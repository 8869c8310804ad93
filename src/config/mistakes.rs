//! Mistakes in the settings, described for the person who fixes them.

use std::fmt;

/// A mistake: the variable, the problem and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable, or two variables that contradict each other, or a line that has no name.
    pub variable: String,
    /// Where the variable is set, if that is a line of a file: `.env, line 7`.
    pub place: Option<String>,
    /// A fragment that fits "VARIABLE …".
    pub wrong: String,
    /// The remedy: a sentence without its full stop.
    pub remedy: String,
}

impl Mistake {
    pub(in crate::config) fn new(variable: &str, wrong: &str, remedy: &str) -> Self {
        let (variable, wrong, remedy) = (variable.to_owned(), wrong.to_owned(), remedy.to_owned());
        Self { variable, place: None, wrong, remedy }
    }

    /// The same mistake, at a place.
    pub(in crate::config) fn at(self, place: String) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The variable, where it is set, and what is wrong with it.
    pub fn problem(&self) -> String {
        let Self { variable, place, wrong, .. } = self;
        match place {
            Some(place) => format!("{variable} ({place}) {wrong}"),
            None => format!("{variable} {wrong}"),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem(), self.remedy)
    }
}

/// All mistakes: those of the file's form by line, then the others in the documented order of the variables; never
/// empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, mistake) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}
