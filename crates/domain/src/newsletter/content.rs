//! The content of a newsletter.

use crate::{AlbumId, Content, MessageId, Transfer, UrlButton};

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

/// Maximum number of pieces in an album (Bot API).
const MAX_PIECES: usize = 10;

impl NewsletterContent {
    /// Adds a message: as a further piece of the present album, or in place of all earlier messages. `false` if
    /// Telegram does not let bots copy it.
    pub fn set_or_append(&mut self, content: &Content) -> bool {
        if content.transfer == Transfer::Notice {
            return false;
        }
        let belongs = content.album.is_some() && content.album == self.album;
        if belongs && self.messages.len() < MAX_PIECES {
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
