//! Reads the contents of a message: its kind, how it is sent on, what it replies to, and its fingerprint.
//!
//! A message of an unknown kind is still copied, because a copy needs only ids.

use serde_json::value::RawValue;

use super::{
    fingerprint, rare_parts,
    wire::{ForwardOrigin, Message, Str},
};
use domain::{
    AlbumId, Body, Content, ContentKind, Media, MessageId, Opaque, Quote, Reply, Side, Transfer,
    UserId, is_unseen,
};

/// Reads the contents of a message, including text and media if `read` is set; `None` if the message has no id.
pub(super) fn content(message: &Message<'_>, from: Side, read: bool) -> Option<Content> {
    let (kind, transfer) = kind(message, from);
    let album = message.album.as_ref().map(|Str(album)| AlbumId(album.clone().into_owned()));
    let reply = reply(message);
    // Edits, and albums with a reply in one of their pieces, are sent by contents. Everything else is copied by id.
    let whole = read || album.is_some();
    Some(Content {
        message: MessageId(message.id?),
        kind,
        transfer,
        fingerprint: fingerprint::of(message),
        body: whole.then(|| body(message)),
        album,
        reply,
        own_phone: own_phone(message),
        forwarded: message.forwarded.is_some(),
        elsewhere: if from == Side::User { rare_parts::elsewhere(message) } else { None },
        links: match transfer {
            Transfer::Copy | Transfer::ForwardOf(_) => rare_parts::links(message),
            Transfer::Forward | Transfer::Notice => Vec::new(),
        },
    })
}

fn kind(message: &Message<'_>, from: Side) -> (ContentKind, Transfer) {
    if let Some(row) = message.service {
        return (row.kind, Transfer::Notice);
    }
    if message.protected {
        return (ContentKind::Protected, Transfer::Notice);
    }
    let (kind, transfer) = match message.content {
        None => (ContentKind::Other, Transfer::Copy),
        Some((row, _)) => match from {
            Side::User => (row.kind, row.to_staff),
            Side::Staff => (row.kind, row.to_user),
        },
    };
    match transfer {
        Transfer::Copy if message.forwarded.is_some() => (kind, forward(message, from)),
        // A copy would look like a notice of the desk, because both show the bot's name. A forward shows the user's.
        Transfer::Copy if kind == ContentKind::Text && from == Side::User && poses(message) => {
            (kind, Transfer::Forward)
        }
        Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Forward | Transfer::Notice => {
            (kind, transfer)
        }
    }
}

/// How a forwarded message is sent on. A user must not see who an operator, another user or the group is.
fn forward(message: &Message<'_>, from: Side) -> Transfer {
    match (from, message.forwarded) {
        (Side::User, _) | (Side::Staff, Some(ForwardOrigin::Channel)) => Transfer::Forward,
        (Side::Staff, Some(ForwardOrigin::Person(author))) => Transfer::ForwardOf(UserId(author)),
        (Side::Staff, Some(ForwardOrigin::Unsaid) | None) => Transfer::Copy,
    }
}

/// Whether a contact is the sender's own. Telegram sets the user id of a contact, so a sender cannot forge it.
fn own_phone(message: &Message<'_>) -> bool {
    #[derive(serde::Deserialize)]
    struct Contact {
        user_id: Option<i64>,
    }
    let Some((row, raw)) = message.content.filter(|_| message.forwarded.is_none()) else {
        return false;
    };
    row.kind == ContentKind::Contact
        && serde_json::from_str::<Contact>(raw.get()).is_ok_and(|contact| {
            contact.user_id.is_some()
                && contact.user_id == message.from.as_ref().and_then(|user| user.id)
        })
}

/// Whether a text begins with the sign of the desk's notices, or with a similar one.
fn poses(message: &Message<'_>) -> bool {
    let sign = |c: char| {
        // Diamonds, lozenges and squares of all Unicode blocks. Stars, hearts, arrows and circles are not included:
        // people begin lists and praise with them.
        matches!(
            c,
            '\u{22c4}' | '\u{25a0}'..='\u{25ab}' | '\u{25c6}'..='\u{25c8}' | '\u{25ca}'
                | '\u{25e7}'..='\u{25eb}' | '\u{25f0}'..='\u{25f3}' | '\u{25fb}'..='\u{25fe}'
                | '\u{2662}' | '\u{2666}' | '\u{2756}' | '\u{27d0}' | '\u{29eb}'
                | '\u{2b12}'..='\u{2b1e}' | '\u{2b25}'..='\u{2b2b}' | '\u{2bc0}' | '\u{2bc1}'
                | '\u{1f4a0}' | '\u{1f532}' | '\u{1f533}' | '\u{1f536}'..='\u{1f539}'
                | '\u{1f78c}'..='\u{1f7a0}' | '\u{1f7e5}'..='\u{1f7eb}'
        )
    };
    message
        .text
        .as_ref()
        .is_some_and(|Str(text)| text.trim_start_matches(is_unseen).starts_with(sign))
}

/// The message that this one replies to. In a topic, a message without a reply "replies" to the topic's first message.
pub(super) fn reply(message: &Message<'_>) -> Option<Reply> {
    let answered = message.answered.as_ref()?;
    let root = message.topic() == Some(answered.message_id);
    // Ephemeral messages all have the id 0.
    let nameless = answered.message_id == 0;
    if root || nameless || answered.forum_topic_created.is_some() {
        return None;
    }
    let quote = message.quote.as_ref().map(|quote| Quote {
        text: quote.text.0.clone().into_owned(),
        entities: quote.entities.map(opaque),
        position: quote.position,
    });
    Some(Reply { to: MessageId(answered.message_id), quote })
}

pub(super) fn opaque(raw: &RawValue) -> Opaque {
    Opaque(raw.get().to_owned())
}

fn body(message: &Message<'_>) -> Body {
    Body {
        text: message.text.as_ref().map(|Str(text)| text.clone().into_owned()).unwrap_or_default(),
        entities: message.entities.map(opaque),
        preview: message.preview.map(opaque),
        media: media(message),
    }
}

fn media(message: &Message<'_>) -> Option<Media> {
    let (row, raw) = message.content?;
    let kind = input_media(row.kind)?;
    let file = fingerprint::file(row.kind, raw)?.file_id?.0.into_owned();
    let kind = kind.to_owned();
    Some(Media { kind, file, spoiler: message.spoiler, caption_above: message.caption_above })
}

/// `InputMedia.type`. The Bot API has none for voice messages, but their captions can be edited too.
fn input_media(kind: ContentKind) -> Option<&'static str> {
    match kind {
        ContentKind::Photo => Some("photo"),
        ContentKind::Video => Some("video"),
        ContentKind::Animation => Some("animation"),
        ContentKind::Audio => Some("audio"),
        ContentKind::Document => Some("document"),
        ContentKind::Voice => Some("voice"),
        ContentKind::Text
        | ContentKind::VideoNote
        | ContentKind::Sticker
        | ContentKind::Contact
        | ContentKind::Location
        | ContentKind::Venue
        | ContentKind::Poll
        | ContentKind::Dice
        | ContentKind::Story
        | ContentKind::Game
        | ContentKind::Checklist
        | ContentKind::PaidMedia
        | ContentKind::Invoice
        | ContentKind::Payment
        | ContentKind::Giveaway
        | ContentKind::Gift
        | ContentKind::Passport
        | ContentKind::Service
        | ContentKind::Protected
        | ContentKind::Other => None,
    }
}
