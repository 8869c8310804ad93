//! Settings that take one of a few words: the language, the log format.

/// A built-in language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Russian.
    Ru,
}

impl Language {
    /// The language code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ru => "ru",
        }
    }
}

/// The format of log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// Whether colours are welcome: `NO_COLOR` says that they are not (<https://no-color.org>).
pub fn wants_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

impl Language {
    /// The language of the terminal: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    pub fn of_terminal() -> Self {
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let set = names.into_iter().filter_map(std::env::var_os);
        Self::of_locale(
            &set.map(|value| value.to_string_lossy().into_owned())
                .find(|value| !value.is_empty())
                .unwrap_or_default(),
        )
    }

    /// The language of a locale such as `ru_RU.UTF-8`.
    fn of_locale(locale: &str) -> Self {
        let is_russian = locale.split(['_', '.', '@', '-']).next().is_some_and(|code| code == "ru");
        if is_russian { Self::Ru } else { Self::En }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_language_is_read_from_its_locale() {
        for (locale, language) in [
            ("ru_RU.UTF-8", Language::Ru),
            ("ru", Language::Ru),
            ("run", Language::En),
            ("en_GB.UTF-8", Language::En),
            ("C.UTF-8", Language::En),
            ("", Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale}");
        }
    }
}
