//! The content of a newsletter.

use crate::{AlbumId, Content, MessageId, Transfer};

/// Messages in the author's chat with the bot, and how to send them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewsletterContent {
    /// The ids in that chat, ascending; several ids are the pieces of an album.
    pub messages: Vec<MessageId>,
    /// The album that the messages belong to.
    pub album: Option<AlbumId>,
    /// Whether they are forwarded, which shows their origin; otherwise they are copied.
    pub forward: bool,
    /// The buttons, each in a row of its own.
    pub links: Vec<UrlButton>,
    /// Whether sends are paid for in Stars and do not count against Telegram's rate limit.
    pub paid: bool,
}

/// A button that opens a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlButton {
    /// The label.
    pub label: String,
    /// The address of the page.
    pub url: String,
}

/// Maximum number of pieces in an album (Bot API).
const PIECES: usize = 10;

impl NewsletterContent {
    /// Adds a message: as a further piece of the present album, or in place of all earlier messages. `false` if
    /// Telegram does not let bots copy it.
    pub fn take(&mut self, content: &Content) -> bool {
        if content.transfer == Transfer::Notice {
            return false;
        }
        let belongs = content.album.is_some() && content.album == self.album;
        if belongs && self.messages.len() < PIECES {
            if !self.messages.contains(&content.message) {
                self.messages.push(content.message);
                self.messages.sort_unstable();
            }
            return true;
        }
        self.messages = vec![content.message];
        self.album.clone_from(&content.album);
        self.forward = content.forwarded;
        if !self.takes_links() {
            self.links.clear();
        }
        true
    }

    /// Whether Telegram shows buttons under the content: not under albums, and not under forwards.
    pub fn takes_links(&self) -> bool {
        self.album.is_none() && !self.forward
    }
}

impl UrlButton {
    /// Maximum number of buttons under a message.
    const MOST: usize = 20;
    /// Maximum length of a label: phones cut longer ones.
    const LONGEST_LABEL: usize = 64;

    /// Parses buttons, one per line: `label - https://…`; `None` if a line is not a button.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let buttons = lines.map(Self::line).collect::<Option<Vec<_>>>()?;
        (1..=Self::MOST).contains(&buttons.len()).then_some(buttons)
    }

    fn line(line: &str) -> Option<Self> {
        let (before, url) = line.rsplit_once(char::is_whitespace)?;
        let label = before.trim_end_matches(|c: char| c.is_whitespace() || "-–—|:".contains(c));
        let schemes = ["https://", "http://", "tg://"];
        let names = |scheme| url.strip_prefix(scheme).is_some_and(|rest: &str| !rest.is_empty());
        let fits = (1..=Self::LONGEST_LABEL).contains(&label.chars().count()) && url.len() <= 2048;
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
