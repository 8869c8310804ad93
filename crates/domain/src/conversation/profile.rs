//! The user's profile at Telegram.

use crate::{Language, is_blank, seen_name};

/// A user's profile, as it comes with each update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// First and last name.
    pub name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
    /// Telegram's `language_code`.
    pub language_code: Option<String>,
}

impl Profile {
    /// Returns the visible part of the name, cut to the 128 characters, counted in UTF-16 units, that Telegram accepts as
    /// a topic's name; `None` if nothing is visible.
    pub fn title(&self) -> Option<String> {
        let mut units = 0;
        let fits = |letter: &char| {
            units += letter.len_utf16();
            units <= 128
        };
        seen_name(&self.name)
            .map(|name| name.chars().take_while(fits).collect::<String>())
            .filter(|title| !is_blank(title))
    }

    /// Returns the language that Telegram reports, if the desk speaks it.
    pub fn language(&self) -> Option<Language> {
        self.language_code.as_deref().and_then(Language::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(name: &str) -> Option<String> {
        Profile { name: name.to_owned(), ..Profile::default() }.title()
    }

    #[test]
    fn titles_fit_telegrams_limit() {
        assert_eq!(title(" Ada ").as_deref(), Some("Ada"));
        assert_eq!(title("  "), None);
        assert_eq!(title("\u{3164}"), None, "an invisible name counts as none");
        assert_eq!(title("\u{202e}adA \u{2800}").as_deref(), Some("adA"));
        let cut = format!("{}Ada", "\u{3164}".repeat(200));
        assert_eq!(title(&cut), None, "only the invisible part fits");
        assert_eq!(title(&"x".repeat(200)), Some("x".repeat(128)));
        let wide = title(&"\u{1f9d1}".repeat(200)).unwrap();
        assert_eq!(wide.encode_utf16().count(), 128);
    }
}
