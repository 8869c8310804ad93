//! Buttons that open a page.

/// A button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlButton {
    /// The label.
    pub label: String,
    /// The address of the page.
    pub url: String,
}

impl UrlButton {
    /// Maximum number of buttons under a message.
    const MAX_BUTTONS: usize = 20;
    /// Maximum length of a label: phones cut longer ones.
    const MAX_LABEL: usize = 64;

    /// Parses buttons, one per line: `label - https://…`; `None` if a line is not a button.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let buttons = lines.map(Self::parse_line).collect::<Option<Vec<_>>>()?;
        (1..=Self::MAX_BUTTONS).contains(&buttons.len()).then_some(buttons)
    }

    fn parse_line(line: &str) -> Option<Self> {
        let (before, url) = line.rsplit_once(char::is_whitespace)?;
        let label = before.trim_end_matches(|c: char| c.is_whitespace() || "-–—|:".contains(c));
        let schemes = ["https://", "http://", "tg://"];
        let names = |scheme| url.strip_prefix(scheme).is_some_and(|rest: &str| !rest.is_empty());
        let fits = (1..=Self::MAX_LABEL).contains(&label.chars().count()) && url.len() <= 2048;
        let known = schemes.into_iter().any(names);
        (fits && known).then(|| Self { label: label.to_owned(), url: url.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_are_read_a_line_each() {
        let button = |label: &str, url: &str| UrlButton { label: label.into(), url: url.into() };
        assert_eq!(
            UrlButton::read("Our shop - https://example.org/a-b\n\n Прайс — http://example.org "),
            Some(vec![
                button("Our shop", "https://example.org/a-b"),
                button("Прайс", "http://example.org"),
            ])
        );
        let long = format!("{} https://example.org", "x".repeat(65));
        let many = "a https://a.example\n".repeat(21);
        for wrong in ["", "https://example.org", "shop - example.org", "a https://", &long, &many] {
            assert_eq!(UrlButton::read(wrong), None, "{wrong}");
        }
    }
}
