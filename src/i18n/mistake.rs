//! What is wrong with replaced texts, told so that whoever wrote them can mend it.

use std::{fmt, path::PathBuf};

/// All that is wrong with the texts in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMistakes(pub Vec<TextMistake>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMistake {
    /// The file, or the folder itself.
    pub file: PathBuf,
    /// The id of the text, where one is concerned.
    pub text: Option<String>,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The file or folder cannot be read.
    Unreadable(String),
    /// The file is of no language that the desk speaks.
    UnknownLanguage,
    /// Not Fluent.
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
    /// The desk has no text of this id.
    UnknownId {
        /// The id that was probably meant.
        similar: Option<&'static str>,
    },
    /// The file has this id twice.
    Repeated,
    /// The text must show this, and does not.
    MissingPlaceholder(&'static str),
    /// The text cannot show this.
    UnknownPlaceholder {
        /// What it asks for.
        name: String,
        /// What it could show.
        known: &'static [&'static str],
    },
    /// Part of Fluent that is of no use here.
    Unsupported(String),
    /// A word of the file's own that is not in it.
    UnknownTerm(String),
    /// Not Telegram's HTML.
    Html(String),
    /// Nothing to show.
    Empty,
    /// Longer than Telegram takes.
    TooLong {
        /// How long it can get, in UTF-16 units.
        length: usize,
        /// How long it may get.
        limit: usize,
    },
}

impl std::error::Error for TextMistakes {}

impl fmt::Display for TextMistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "{} {many} in the texts:", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl fmt::Display for TextMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file.display())?;
        if let Some(text) = &self.text {
            write!(f, "`{text}`: ")?;
        }
        self.problem.fmt(f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => {
                write!(f, "cannot be read ({why}); make it readable, or unset TEXTS_DIR")
            }
            Self::UnknownLanguage => {
                write!(f, "the desk does not speak this language; name the file en.ftl or ru.ftl")
            }
            Self::Syntax { line, reason } => {
                write!(f, "line {line} is not Fluent: {reason}; see projectfluent.org/fluent/guide")
            }
            Self::UnknownId { similar: Some(similar) } => {
                write!(f, "there is no such text; did you mean `{similar}`?")
            }
            Self::UnknownId { similar: None } => {
                write!(f, "there is no such text; remove it, or take an id from locales/en.ftl")
            }
            Self::Repeated => write!(f, "is there twice; remove one"),
            Self::MissingPlaceholder(name) => write!(f, "must show {{ ${name} }}; add it"),
            Self::UnknownPlaceholder { name, known: [] } => {
                write!(f, "cannot show {{ ${name} }}; this text is words only, remove it")
            }
            Self::UnknownPlaceholder { name, known } => {
                write!(f, "cannot show {{ ${name} }}; known here: ${}", known.join(", $"))
            }
            Self::Unsupported(what) => write!(f, "{what}; write the words out"),
            Self::UnknownTerm(term) => {
                write!(f, "there is no `-{term}`; define it, or write the words out")
            }
            Self::Html(what) => write!(f, "Telegram would refuse its HTML: {what}"),
            Self::Empty => write!(f, "shows nothing; write something, or remove it"),
            Self::TooLong { length, limit } => {
                write!(f, "can get {length} characters long; Telegram takes {limit}, shorten it")
            }
        }
    }
}
