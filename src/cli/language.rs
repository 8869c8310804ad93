//! The language of what is printed.

use clap::ValueEnum;

use domain::Language;

/// A language, as the settings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LanguageCode {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl LanguageCode {
    pub(in crate::cli) fn code(self) -> &'static str {
        self.language().code()
    }

    pub(in crate::cli) fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Ru => Language::Russian,
        }
    }
}
