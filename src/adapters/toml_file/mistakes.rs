//! Mistakes in a file, with lines and explanations.

use std::{fmt, path::PathBuf};

/// A mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMistake {
    /// The line; `None` if the mistake concerns the file as a whole.
    pub line: Option<usize>,
    /// What is wrong, and how to correct it.
    pub what: String,
}

/// All mistakes in a file, ordered by line; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct FileMistakes {
    /// The path of the file.
    pub file: PathBuf,
    /// The mistakes.
    pub mistakes: Vec<FileMistake>,
}

impl fmt::Display for FileMistakes {
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
