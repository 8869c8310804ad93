//! Mistakes in replaced texts, explained so that their author can correct them.

use std::{fmt, path::PathBuf};

/// All mistakes in the texts of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMistakes(pub Vec<TextMistake>);

/// A mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMistake {
    /// The file with the mistake, or the folder itself.
    pub file: PathBuf,
    /// The id of the text, if the mistake is in a text.
    pub text: Option<String>,
    /// The kind of mistake.
    pub problem: Problem,
}

/// The kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The file or folder cannot be read.
    Unreadable(String),
    /// The desk does not speak the language of the file.
    UnknownLanguage,
    /// The text is not valid Fluent.
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        reason: String,
    },
    /// The desk has no text with this id.
    UnknownId {
        /// A similar id that was probably meant.
        similar: Option<&'static str>,
    },
    /// The file has this id twice.
    Repeated,
    /// The text lacks this required placeholder.
    MissingPlaceholder(&'static str),
    /// The text uses a placeholder that it cannot show.
    UnknownPlaceholder {
        /// The placeholder.
        name: String,
        /// The placeholders that it can show.
        known: &'static [&'static str],
    },
    /// The text uses a part of Fluent that is not supported here.
    Unsupported(String),
    /// The text uses an undefined term.
    UnknownTerm(String),
    /// The text is not valid Telegram HTML.
    Html(String),
    /// The text shows nothing.
    Empty,
    /// The text can be longer than Telegram accepts.
    TooLong {
        /// Its maximum length, in UTF-16 units.
        length: usize,
        /// The limit, in UTF-16 units.
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
            Self::Repeated => write!(f, "is defined twice; remove one"),
            Self::MissingPlaceholder(name) => write!(f, "must show {{ ${name} }}; add it"),
            Self::UnknownPlaceholder { name, known: [] } => {
                write!(f, "cannot show {{ ${name} }}; this text has no placeholders, remove it")
            }
            Self::UnknownPlaceholder { name, known } => {
                write!(f, "cannot show {{ ${name} }}; available here: ${}", known.join(", $"))
            }
            Self::Unsupported(what) => write!(f, "{what}; write the words out"),
            Self::UnknownTerm(term) => {
                write!(f, "there is no `-{term}`; define it, or write the words out")
            }
            Self::Html(what) => write!(f, "Telegram would refuse its HTML: {what}"),
            Self::Empty => write!(f, "shows nothing; write something, or remove it"),
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "can get {length} characters long, but Telegram takes {limit}; shorten it"
                )
            }
        }
    }
}
