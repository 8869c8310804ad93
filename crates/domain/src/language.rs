//! The languages of the desk.

/// A language in which every text exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All languages, in the order shown to users.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// Returns the language's code in locale files, settings and button data.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// Parses Telegram's `language_code` ("ru", "en-GB"); `None` for a language that the desk does not have.
    pub fn parse(code: &str) -> Option<Self> {
        let primary = code.split(['-', '_']).next().unwrap_or(code);
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regional_code_names_its_language() {
        assert_eq!(Language::parse("en-GB"), Some(Language::English));
        assert_eq!(Language::parse("RU"), Some(Language::Russian));
        assert_eq!(Language::parse("rue"), None);
        assert_eq!(Language::parse(""), None);
    }
}
