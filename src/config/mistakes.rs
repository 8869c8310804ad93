//! Mistakes in the settings, described for the person who fixes them.

use std::fmt;

/// A mistake: the variable, the problem and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable, or two variables that contradict each other.
    pub variable: String,
    /// A fragment that fits "VARIABLE …".
    pub wrong: String,
    /// The remedy: a sentence without its full stop.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.variable, self.wrong, self.remedy)
    }
}

/// All mistakes, in the documented order of the variables; never empty.
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
