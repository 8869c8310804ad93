//! The languages that the desk speaks.

/// A language that every text exists in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// All of them, in the order shown to users.
    pub const ALL: [Self; 2] = [Self::English, Self::Russian];

    /// The code of the language in locale files, settings and button data.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// Reads what Telegram calls `language_code` ("ru", "en-GB"); `None` for one we do not speak.
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
