//! What is wrong with the file, in words.

use std::{fmt, path::PathBuf};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WelcomeMistake {
    /// The line; `None` if it is of the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, and what to do about it.
    pub what: String,
}

/// All mistakes of a file, by their lines; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct WelcomeMistakes {
    /// The file.
    pub file: PathBuf,
    /// They.
    pub mistakes: Vec<WelcomeMistake>,
}

impl fmt::Display for WelcomeMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, mistake) in self.mistakes.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", self.file.display())?;
            if let Some(line) = mistake.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": {}", mistake.what)?;
        }
        Ok(())
    }
}
