//! What a message carries, as far as the desk must know it to pass it on whole.
//!
//! A copy needs only ids, so nothing here is required for relaying: what we cannot name is still
//! relayed. Contents matter for albums, replies, edits and for saying honestly what was not copied.

use super::{MessageId, UrlButton, UserId};

/// JSON as Telegram wrote it, handed back to Telegram unread: it may hold kinds newer than ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque(pub String);

/// Telegram's `media_group_id`: the pieces of one album share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlbumId(pub String);

/// One message, in the chat where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its id there.
    pub message: MessageId,
    /// What it is.
    pub kind: ContentKind,
    /// How it can travel.
    pub transfer: Transfer,
    /// The album it is a piece of.
    pub album: Option<AlbumId>,
    /// What it answers.
    pub reply: Option<Reply>,
    /// What an edit is compared with.
    pub fingerprint: Fingerprint,
    /// Text and media, in full. Decoded for edits, pieces of albums and what those write who look after the desk;
    /// `None` for what only needs copying.
    pub body: Option<Body>,
    /// It is a contact of whoever wrote it: their own phone number.
    pub own_phone: bool,
    /// It was forwarded from somewhere else.
    pub forwarded: bool,
    /// What it answers in another chat, if a user wrote it.
    pub elsewhere: Option<Elsewhere>,
    /// The buttons that an inline bot has put under it, as far as they open pages.
    pub links: LinkRows,
}

/// Rows of buttons that open pages.
pub type LinkRows = Vec<Vec<UrlButton>>;

/// How a message can travel to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transfer {
    /// As a copy, which edits, replies and reactions can follow.
    Copy,
    /// As a forward if this person, who wrote it, is neither in the operators' group nor known to the desk as a user;
    /// otherwise as a copy: a forward shows its author.
    ForwardOf(UserId),
    /// As a forward: what has an origin worth seeing (forwarded messages, stories), or would change
    /// when copied (a dice rolls anew).
    Forward,
    /// Not at all: Telegram refuses to copy it, so the other side is told what it was.
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

/// What a message answers, on its own side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The message answered.
    pub to: MessageId,
    /// The part of it that was quoted.
    pub quote: Option<Quote>,
}

/// A message of another chat, which the desk knows only by what Telegram tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elsewhere {
    /// Who wrote it, then where, as far as Telegram says so: names of people and titles of chats.
    pub names: Vec<String>,
    /// Where everybody can read it, if the chat is public.
    pub link: Option<String>,
    /// The words that were quoted.
    pub quote: Option<String>,
}

/// A quoted part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// The words; must be an exact substring of the message answered (Bot API, `ReplyParameters`).
    pub text: String,
    /// Their formatting.
    pub entities: Option<Opaque>,
    /// Where they start, in UTF-16 units.
    pub position: Option<i64>,
}

/// Text and media of a message, enough to edit its copy or to send it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Text, or the caption of media; empty if there is none.
    pub text: String,
    /// The formatting of `text`.
    pub entities: Option<Opaque>,
    /// How the text's link is previewed.
    pub preview: Option<Opaque>,
    /// The file, for kinds that can be an `InputMedia`.
    pub media: Option<Media>,
}

/// A file on Telegram's servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `InputMedia.type`: photo, video, animation, audio or document. Or voice, of which only the
    /// caption can be edited.
    pub kind: String,
    /// The file; stays valid for this bot.
    pub file: String,
    /// Whether it is covered until tapped.
    pub spoiler: bool,
    /// Whether the caption stands above it.
    pub caption_above: bool,
}

/// Two hashes of a message's contents: edits that change neither are not mirrored, because
/// Telegram also reports edits of fields that nobody sees (Bot API, `Update.edited_message`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Fingerprint {
    /// Of the text or caption with its formatting.
    pub text: u32,
    /// Of the media or other contents.
    pub media: u32,
}

impl Fingerprint {
    /// Hashes parts into one half of a fingerprint. Stored, so it must not change: FNV-1a, 32 bits.
    pub fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> u32 {
        let mut hash = 0x811c_9dc5_u32;
        for part in parts {
            for byte in part.bytes().chain([0xff]) {
                hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_tell_where_a_part_ends_and_never_change() {
        assert_ne!(Fingerprint::hash(["ab", "c"]), Fingerprint::hash(["a", "bc"]));
        assert_eq!(Fingerprint::hash(["hello"]), 0xab92_c83c, "stored links hold this value");
    }
}
