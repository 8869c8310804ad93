//! The parts of the Bot API's JSON that are read: borrowed and decoded leniently.
//!
//! A part of the wrong type counts as absent, so that the message is not lost; an unknown field or
//! kind is not an error. Decoding fails only if the text is not JSON or lacks a required object.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::kinds::{self, ContentRow, Field, ServiceRow};
use domain::{ContentKind, MessageId};

/// An update.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the Bot API's fields")]
pub(super) struct Update<'a> {
    pub(super) update_id: i64,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) edited_message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) callback_query: Option<Callback<'a>>,
    #[serde(borrow)]
    pub(super) message_reaction: Option<Reaction<'a>>,
    #[serde(borrow)]
    pub(super) my_chat_member: Option<Membership<'a>>,
}

/// A string, borrowed unless it contains escapes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A user or a bot.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    pub(super) is_bot: Option<bool>,
    #[serde(borrow, deserialize_with = "lenient")]
    pub(super) first_name: Option<Str<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    pub(super) last_name: Option<Str<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    pub(super) username: Option<Str<'a>>,
    #[serde(borrow, deserialize_with = "lenient")]
    pub(super) language_code: Option<Str<'a>>,
}

/// A chat. A private chat has the names of its user.
#[derive(Debug, Deserialize)]
pub(super) struct Chat<'a> {
    pub(super) id: i64,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) first_name: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) last_name: Option<Str<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) username: Option<Str<'a>>,
}

/// A press of a button.
#[derive(Debug, Deserialize)]
pub(super) struct Callback<'a> {
    #[serde(borrow)]
    pub(super) id: Str<'a>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) from: Option<User<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) data: Option<Str<'a>>,
}

/// A change of one person's reactions to a message.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the Bot API's fields")]
pub(super) struct Reaction<'a> {
    #[serde(borrow)]
    pub(super) chat: Chat<'a>,
    pub(super) message_id: i64,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) user: Option<User<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) date: Option<i64>,
    #[serde(borrow, default)]
    pub(super) new_reaction: Vec<&'a RawValue>,
}

impl Reaction<'_> {
    /// The message, unless it is ephemeral and has no id of its own.
    pub(super) fn message(&self) -> Option<MessageId> {
        Some(self.message_id).filter(|id| *id != 0).map(MessageId)
    }
}

/// A change of the bot's own status in a chat.
#[derive(Debug, Deserialize)]
pub(super) struct Membership<'a> {
    #[serde(borrow)]
    pub(super) chat: Chat<'a>,
    #[serde(borrow, default, deserialize_with = "lenient")]
    pub(super) from: Option<User<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) date: Option<i64>,
    #[serde(borrow)]
    pub(super) new_chat_member: Standing<'a>,
}

/// The bot's status in a chat.
#[derive(Debug, Deserialize)]
pub(super) struct Standing<'a> {
    #[serde(borrow)]
    pub(super) status: Str<'a>,
}

/// The message that another message replies to.
#[derive(Debug, Deserialize)]
pub(super) struct Answered<'a> {
    pub(super) message_id: i64,
    #[serde(borrow)]
    pub(super) forum_topic_created: Option<&'a RawValue>,
}

/// A quoted part of the message replied to.
#[derive(Debug, Deserialize)]
pub(super) struct TextQuote<'a> {
    #[serde(borrow)]
    pub(super) text: Str<'a>,
    #[serde(borrow)]
    pub(super) entities: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) position: Option<i64>,
}

/// The original author of a forwarded message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForwardOrigin {
    /// A channel.
    Channel,
    /// The person with this id.
    Person(i64),
    /// A hidden person, a group, or an unknown kind of author.
    Unsaid,
}

impl ForwardOrigin {
    fn of(raw: &RawValue) -> Self {
        #[derive(Deserialize)]
        struct Origin<'a> {
            #[serde(borrow, default, rename = "type", deserialize_with = "lenient")]
            kind: Option<Str<'a>>,
            #[serde(borrow, default, deserialize_with = "lenient")]
            sender_user: Option<User<'a>>,
        }
        let Ok(Origin { kind: Some(Str(kind)), sender_user }) = serde_json::from_str(raw.get())
        else {
            return Self::Unsaid;
        };
        match (kind.as_ref(), sender_user.and_then(|user| user.id)) {
            ("channel", _) => Self::Channel,
            ("user", Some(id)) => Self::Person(id),
            _ => Self::Unsaid,
        }
    }
}

/// A message. Its contents stay unparsed until they are needed.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "the Bot API's fields")]
pub(super) struct Message<'a> {
    pub(super) id: Option<i64>,
    /// Only one member sees it, and its id is not unique: all ephemeral messages of a chat share it.
    pub(super) ephemeral: bool,
    pub(super) chat: Option<Chat<'a>>,
    pub(super) from: Option<User<'a>>,
    pub(super) sender_chat: Option<i64>,
    pub(super) thread: Option<i64>,
    pub(super) in_topic: bool,
    pub(super) date: Option<i64>,
    pub(super) edited: Option<i64>,
    pub(super) automatic: bool,
    pub(super) forwarded: Option<ForwardOrigin>,
    pub(super) protected: bool,
    pub(super) spoiler: bool,
    pub(super) caption_above: bool,
    pub(super) album: Option<Str<'a>>,
    pub(super) answered: Option<Answered<'a>>,
    pub(super) quote: Option<TextQuote<'a>>,
    /// The reply to a message in another chat, unparsed.
    pub(super) external: Option<&'a RawValue>,
    /// The sender wrote it through an inline bot.
    pub(super) via_bot: bool,
    /// The buttons under it, unparsed.
    pub(super) buttons: Option<&'a RawValue>,
    /// The text or the caption.
    pub(super) text: Option<Str<'a>>,
    pub(super) entities: Option<&'a RawValue>,
    pub(super) preview: Option<&'a RawValue>,
    pub(super) migrate_to: Option<i64>,
    pub(super) migrate_from: Option<i64>,
    /// The content field of the highest rank, and its value.
    pub(super) content: Option<(&'static ContentRow, &'a RawValue)>,
    /// The field that makes it a service message.
    pub(super) service: Option<&'static ServiceRow>,
    /// Values of unknown fields, in their order.
    pub(super) unknown: Vec<&'a RawValue>,
}

impl<'a> Message<'a> {
    /// The topic that it is in. Without `is_topic_message`, a thread is a chain of replies.
    pub(super) fn topic(&self) -> Option<i64> {
        let of_topics =
            self.in_topic || self.service.is_some_and(|row| row.field.starts_with("forum_topic"));
        self.thread.filter(|_| of_topics)
    }

    /// Whether it is text that was written here: neither a caption nor forwarded.
    pub(super) fn is_plain_text(&self) -> bool {
        let text = self.content.is_some_and(|(row, _)| row.kind == ContentKind::Text);
        text && self.forwarded.is_none()
    }

    /// The id to link, reply to and edit it by.
    pub(super) fn own_id(&self) -> Option<MessageId> {
        self.id.filter(|_| !self.ephemeral).map(MessageId)
    }

    /// Whether it has no content to copy, known or unknown: a service message of a kind newer than this program.
    pub(super) fn is_bare(&self) -> bool {
        let marks = [self.text.is_some(), self.forwarded.is_some(), self.protected, self.via_bot];
        let marked = marks.contains(&true) || self.album.is_some();
        let answers = self.answered.is_some() || self.external.is_some();
        // A service message may consist of `true`, a number or an empty object.
        let holds = |raw: &&RawValue| {
            let json = raw.get();
            let inside = json.trim_start_matches(['{', '[', '"']);
            let inside = inside.trim_start().trim_end_matches(['}', ']', '"']);
            json.starts_with(['{', '[', '"']) && !inside.is_empty()
        };
        self.content.is_none() && !marked && !answers && !self.unknown.iter().any(holds)
    }

    fn read(&mut self, field: &str, raw: &'a RawValue) {
        match field {
            "message_id" => {
                self.id = Part::of(raw);
                self.ephemeral |= self.id == Some(0);
            }
            "ephemeral_message_id" => self.ephemeral = true,
            "chat" => self.chat = Part::of(raw),
            "from" => self.from = Part::of(raw),
            "sender_chat" => self.sender_chat = Chat::of(raw).map(|chat| chat.id),
            "message_thread_id" => self.thread = Part::of(raw),
            "is_topic_message" => self.in_topic = is_true(raw),
            "date" => self.date = Part::of(raw),
            "edit_date" => self.edited = Part::of(raw),
            "is_automatic_forward" => self.automatic = is_true(raw),
            "forward_origin" => self.forwarded = Some(ForwardOrigin::of(raw)),
            "has_protected_content" => self.protected = is_true(raw),
            "has_media_spoiler" => self.spoiler = is_true(raw),
            "show_caption_above_media" => self.caption_above = is_true(raw),
            "media_group_id" => self.album = Part::of(raw),
            "reply_to_message" => self.answered = Part::of(raw),
            "quote" => self.quote = Part::of(raw),
            "external_reply" => self.external = Some(raw),
            "via_bot" => self.via_bot = true,
            "reply_markup" => self.buttons = Some(raw),
            "caption" => self.text = Part::of(raw),
            "entities" | "caption_entities" => self.entities = Some(raw),
            "link_preview_options" => self.preview = Some(raw),
            _ => self.read_content(field, raw),
        }
    }

    fn read_content(&mut self, field: &str, raw: &'a RawValue) {
        match kinds::field(field) {
            Field::Content(row) => {
                if self.content.is_none_or(|(known, _)| row.rank() < known.rank()) {
                    self.content = Some((row, raw));
                }
                if row.kind == ContentKind::Text {
                    self.text = Part::of(raw);
                }
            }
            Field::Service(row) => {
                self.service = Some(row);
                match row.field {
                    "migrate_to_chat_id" => self.migrate_to = Part::of(raw),
                    "migrate_from_chat_id" => self.migrate_from = Part::of(raw),
                    _ => {}
                }
            }
            Field::Aside => {}
            Field::Unknown => self.unknown.push(raw),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Message<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut message = Message::default();
                while let Some(Str(field)) = map.next_key()? {
                    let raw: &'de RawValue = map.next_value()?;
                    if raw.get() != "null" {
                        message.read(&field, raw);
                    }
                }
                Ok(message)
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// A part of an update that is decoded leniently from valid JSON.
pub(super) trait Part<'a>: Sized {
    /// The part, or `None` if it is malformed.
    fn of(raw: &'a RawValue) -> Option<Self>;
}

impl Part<'_> for i64 {
    fn of(raw: &RawValue) -> Option<Self> {
        raw.get().parse().ok()
    }
}

impl Part<'_> for bool {
    fn of(raw: &RawValue) -> Option<Self> {
        raw.get().parse().ok()
    }
}

impl<'a> Part<'a> for Str<'a> {
    fn of(raw: &'a RawValue) -> Option<Self> {
        let inside = raw.get().strip_prefix('"')?.strip_suffix('"')?;
        if inside.contains('\\') {
            return serde_json::from_str(raw.get()).ok();
        }
        Some(Self(Cow::Borrowed(inside)))
    }
}

macro_rules! parts {
    ($($part:ident),*) => {$(
        impl<'a> Part<'a> for $part<'a> {
            fn of(raw: &'a RawValue) -> Option<Self> {
                serde_json::from_str(raw.get()).ok()
            }
        }
    )*};
}

parts!(User, Chat, Message, Answered, TextQuote);

fn is_true(raw: &RawValue) -> bool {
    raw.get() == "true"
}

/// Deserializes a field; `None` if it is malformed.
pub(super) fn lenient<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Part<'de>,
{
    <&RawValue>::deserialize(deserializer).map(T::of)
}
