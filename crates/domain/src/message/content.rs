//! The content of a message, as far as the desk needs it to relay the message completely.
//!
//! A copy needs only ids, so relaying requires nothing else: a message of an unknown kind is still relayed. The content
//! matters for albums, replies and edits, and for reporting exactly what was not copied.

use crate::{MessageId, UrlButton, UserId, fnv1a_32};

/// JSON as Telegram sent it, returned to Telegram unread: it may be of a kind newer than this release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque(pub String);

/// Telegram's `media_group_id`, shared by the pieces of one album.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlbumId(pub String);

/// One message, in the chat where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The id in that chat.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message can travel.
    pub transfer: Transfer,
    /// The album that it is a piece of.
    pub album: Option<AlbumId>,
    /// The message that it replies to.
    pub reply: Option<Reply>,
    /// Hashes of the content, for comparison with an edit.
    pub fingerprint: Fingerprint,
    /// Text and media, complete. Decoded only for edits, pieces of albums, and messages of the owner and
    /// administrators; `None` if copying is enough.
    pub body: Option<Body>,
    /// Whether it is a contact that contains the sender's own phone number.
    pub own_phone: bool,
    /// Whether it was forwarded from another chat.
    pub forwarded: bool,
    /// The message in another chat that it replies to, if a user wrote it.
    pub elsewhere: Option<Elsewhere>,
    /// The buttons that an inline bot put under it, as far as they open pages.
    pub links: LinkRows,
}

/// Rows of buttons that open pages.
pub type LinkRows = Vec<Vec<UrlButton>>;

/// How a message can travel to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// As a copy, which edits, replies and reactions can follow.
    Copy,
    /// As a forward if the author, given here, is neither a member of the operators' group nor a known user; otherwise
    /// as a copy, because a forward reveals its author.
    ForwardOf(UserId),
    /// As a forward, either because the origin is worth showing (forwarded messages, stories), or because a copy would
    /// differ (a die is rolled again).
    Forward,
    /// Not at all: Telegram refuses to copy it, so the other side gets a notice of what it was.
    Notice,
}

/// The kinds that the desk can name. `Other` is relayed like the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the Bot API's message field of that name")]
pub enum ContentKind {
    Text,
    Photo,
    Video,
    Animation,
    Audio,
    Voice,
    VideoNote,
    Document,
    Sticker,
    Contact,
    Location,
    Venue,
    Poll,
    Dice,
    Story,
    Game,
    Checklist,
    PaidMedia,
    Invoice,
    Payment,
    Giveaway,
    Gift,
    Passport,
    Service,
    Protected,
    Other,
}

/// The message that a message replies to, on its own side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The id of the message.
    pub to: MessageId,
    /// The quoted part of the message, if any.
    pub quote: Option<Quote>,
}

/// A message in another chat. The desk knows of it only what Telegram includes in the reply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// The author, then the chat, as far as Telegram says: names of people and titles of chats.
    pub names: Vec<String>,
    /// The public address of the message, if the chat is public.
    pub link: Option<String>,
    /// The quoted words.
    pub quote: Option<String>,
}

/// A quoted part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The words; must be an exact substring of the message replied to (Bot API, `ReplyParameters`).
    pub text: String,
    /// The formatting of the words.
    pub entities: Option<Opaque>,
    /// The start of the quote in the message, in UTF-16 units.
    pub position: Option<i64>,
}

/// Text and media of a message: enough to edit its copy or to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The text, or the caption of media; empty for media without a caption.
    pub text: String,
    /// The formatting of `text`.
    pub entities: Option<Opaque>,
    /// Options for the link preview of the text.
    pub preview: Option<Opaque>,
    /// The file, for kinds that can be an `InputMedia`.
    pub media: Option<Media>,
}

/// A file on Telegram's servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `InputMedia.type`: photo, video, animation, audio or document. Or voice, which allows only edits of the caption.
    pub kind: String,
    /// Telegram's `file_id`, which stays valid for this bot.
    pub file: String,
    /// Whether the media is covered until tapped.
    pub spoiler: bool,
    /// Whether the caption stands above the media.
    pub caption_above: bool,
}

/// Two hashes of a message's content. An edit that changes neither is not mirrored: Telegram also reports edits of
/// fields that nobody sees (Bot API, `Update.edited_message`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Fingerprint {
    /// Hash of the text or caption with its formatting.
    pub text: u32,
    /// Hash of the media or other content.
    pub media: u32,
}

impl Fingerprint {
    /// Hashes parts into one half of a fingerprint: 32-bit FNV-1a. Fingerprints are stored, so the algorithm must not
    /// change.
    pub fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> u32 {
        fnv1a_32(parts.into_iter().flat_map(|part| part.bytes().chain([0xff])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_depend_on_where_a_part_ends_and_never_change() {
        assert_ne!(Fingerprint::hash(["ab", "c"]), Fingerprint::hash(["a", "bc"]));
        assert_eq!(Fingerprint::hash(["hello"]), 0xab92_c83c, "stored links hold this value");
    }
}
