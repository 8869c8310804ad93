//! Our own payloads, where teloxide's types cannot return Telegram's JSON unchanged. `copies` has those of copies.
//!
//! Formatting, link previews and reactions are passed through as raw JSON: they may hold kinds that no type knows.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::method::{Method, Sent, SentPhoto, Unread};
use domain::{ChatId, MessageId, Opaque, TopicId, UpdateId};
use ports::{Address, Keys, Resolved, SendError};

/// JSON that is passed through unchanged.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(in crate::adapters::telegram) struct Raw<'a>(&'a RawValue);

impl<'a> Raw<'a> {
    pub(in crate::adapters::telegram) fn of(
        opaque: Option<&'a Opaque>,
    ) -> Result<Option<Self>, SendError> {
        let parse = |opaque: &'a Opaque| serde_json::from_str(&opaque.0).map(Self);
        opaque
            .map(parse)
            .transpose()
            .map_err(|_broken| SendError::Refused("the stored formatting is not JSON".to_owned()))
    }
}

/// `ReplyParameters`.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct ReplyTo<'a> {
    message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_entities: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quote_position: Option<i64>,
}

impl<'a> ReplyTo<'a> {
    pub(in crate::adapters::telegram) fn new(
        reply: Option<&'a Resolved>,
    ) -> Result<Option<Self>, SendError> {
        let Some(Resolved { to, quote }) = reply else { return Ok(None) };
        let quote = quote.as_ref();
        Ok(Some(Self {
            message_id: to.number(),
            quote: quote.map(|quote| quote.text.as_str()),
            quote_entities: Raw::of(quote.and_then(|quote| quote.entities.as_ref()))?,
            quote_position: quote.and_then(|quote| quote.position),
        }))
    }
}

/// The thread id to send to. General has no thread id: Telegram refuses its id here, and puts messages without a
/// thread id there.
pub(in crate::adapters::telegram) fn thread(to: Address) -> Option<i64> {
    const GENERAL: i64 = 1;
    to.topic.map(TopicId::number).filter(|topic| *topic != GENERAL)
}

/// `InlineKeyboardMarkup` with one button per row.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Keyboard<'a> {
    inline_keyboard: Vec<[Key<'a>; 1]>,
}

#[derive(Debug, Serialize)]
struct Key<'a> {
    text: &'a str,
    callback_data: &'a str,
}

impl<'a> Keyboard<'a> {
    fn of(keys: &'a Keys) -> Option<Self> {
        let key = |(text, data): &'a (String, String)| [Key { text, callback_data: data }];
        (!keys.is_empty()).then(|| Self { inline_keyboard: keys.iter().map(key).collect() })
    }
}

/// `LinkPreviewOptions` that disable the preview.
#[derive(Debug, Serialize)]
struct NoPreview {
    is_disabled: bool,
}

const NO_PREVIEW: NoPreview = NoPreview { is_disabled: true };

/// `sendPhoto` for the desk's own messages.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct SendPhoto<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    /// The file id; absent if the file is uploaded with the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<&'a str>,
    caption: &'a str,
    parse_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Keyboard<'a>>,
}

impl<'a> SendPhoto<'a> {
    pub(in crate::adapters::telegram) fn new(
        to: Address,
        photo: Option<&'a str>,
        html: &'a str,
        keys: &'a Keys,
    ) -> Self {
        Self {
            chat_id: to.chat.0,
            message_thread_id: thread(to),
            photo,
            caption: html,
            parse_mode: "HTML",
            reply_markup: Keyboard::of(keys),
        }
    }
}

impl Method for SendPhoto<'_> {
    const NAME: &'static str = "sendPhoto";
    type Output = SentPhoto;
}

/// `sendMessage` for the desk's own messages.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Say<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    text: &'a str,
    parse_mode: &'static str,
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyTo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Keyboard<'a>>,
}

impl<'a> Say<'a> {
    pub(in crate::adapters::telegram) fn new(
        to: Address,
        html: &'a str,
        reply: Option<&'a Resolved>,
        keys: &'a Keys,
    ) -> Result<Self, SendError> {
        Ok(Self {
            chat_id: to.chat.0,
            message_thread_id: thread(to),
            text: html,
            parse_mode: "HTML",
            link_preview_options: NO_PREVIEW,
            reply_parameters: ReplyTo::new(reply)?,
            reply_markup: Keyboard::of(keys),
        })
    }
}

impl Method for Say<'_> {
    const NAME: &'static str = "sendMessage";
    type Output = Sent;
}

/// `editMessageText` for the desk's own messages.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct EditSaid<'a> {
    chat_id: i64,
    message_id: i64,
    text: &'a str,
    parse_mode: &'static str,
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Keyboard<'a>>,
}

impl<'a> EditSaid<'a> {
    pub(in crate::adapters::telegram) fn new(
        chat: ChatId,
        message: MessageId,
        html: &'a str,
        keys: &'a Keys,
    ) -> Self {
        Self {
            chat_id: chat.0,
            message_id: message.number(),
            text: html,
            parse_mode: "HTML",
            link_preview_options: NO_PREVIEW,
            reply_markup: Keyboard::of(keys),
        }
    }
}

impl Method for EditSaid<'_> {
    const NAME: &'static str = "editMessageText";
    type Output = Unread;
}

/// `setMessageReaction`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct React<'a> {
    chat_id: i64,
    message_id: i64,
    reaction: Vec<Raw<'a>>,
}

impl<'a> React<'a> {
    pub(in crate::adapters::telegram) fn new(
        chat: ChatId,
        message: MessageId,
        reaction: Option<&'a Opaque>,
    ) -> Result<Self, SendError> {
        let reaction = Raw::of(reaction)?.into_iter().collect();
        Ok(Self { chat_id: chat.0, message_id: message.number(), reaction })
    }
}

impl Method for React<'_> {
    const NAME: &'static str = "setMessageReaction";
    type Output = Unread;
}

/// `getUpdates`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    limit: u8,
    timeout: u64,
    allowed_updates: [&'static str; 5],
}

/// The kinds of updates that the desk handles. Always sent: if absent, Telegram keeps the previous list.
pub(in crate::adapters::telegram) const ALLOWED_UPDATES: [&str; 5] =
    ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"];

/// Limit of updates in one answer, Telegram's own.
pub(in crate::adapters::telegram) const MOST_UPDATES: u8 = 100;

/// The longest update that is taken, in bytes: many times Telegram's longest, and a line of a backup holds it.
const LONGEST_UPDATE: usize = 3 << 20;

impl GetUpdates {
    pub(in crate::adapters::telegram) fn new(offset: Option<UpdateId>, timeout: u64) -> Self {
        Self {
            offset: offset.map(|offset| offset.0),
            limit: MOST_UPDATES,
            timeout,
            allowed_updates: ALLOWED_UPDATES,
        }
    }
}

impl Method for GetUpdates {
    const NAME: &'static str = "getUpdates";
    type Output = Batch;
}

/// The updates of one answer, each as its text. An answer with more of them than were asked for is refused before they
/// are read: a small answer of many tiny updates would take fifty times its size in memory.
#[derive(Debug)]
pub(in crate::adapters::telegram) struct Batch(
    pub(in crate::adapters::telegram) Vec<Box<RawValue>>,
);

impl<'de> Deserialize<'de> for Batch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Updates;

        impl<'de> Visitor<'de> for Updates {
            type Value = Batch;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "at most {MOST_UPDATES} updates")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Batch, A::Error> {
                let mut updates = Vec::new();
                while let Some(text) = texts.next_element()? {
                    let text: Box<RawValue> = text;
                    if updates.len() == usize::from(MOST_UPDATES) {
                        return Err(A::Error::invalid_length(updates.len() + 1, &self));
                    }
                    if text.get().len() > LONGEST_UPDATE {
                        return Err(A::Error::custom("an update longer than any"));
                    }
                    updates.push(text);
                }
                Ok(Batch(updates))
            }
        }

        deserializer.deserialize_seq(Updates)
    }
}
