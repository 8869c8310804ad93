//! Payloads that carry people's messages to the other side: copies, albums, edits of copies, and their buttons.

use serde::Serialize;

use super::{
    method::{Method, Sent, Unread},
    payloads::{Raw, ReplyTo, thread},
};
use domain::{Body, ChatId, LinkRows, MessageId, UrlButton};
use ports::{Address, Resolved, SendError};

/// `InlineKeyboardMarkup` of URL buttons.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Links<'a> {
    inline_keyboard: Vec<Vec<Link<'a>>>,
}

#[derive(Debug, Serialize)]
struct Link<'a> {
    text: &'a str,
    url: &'a str,
}

impl<'a> Links<'a> {
    /// The buttons in these rows; `None` if there are none.
    pub(in crate::adapters::telegram) fn of(rows: &'a LinkRows) -> Option<Self> {
        Self::rows(rows.iter().map(Vec::as_slice))
    }

    /// Each button in its own row; `None` if there are none.
    pub(in crate::adapters::telegram) fn each(links: &'a [UrlButton]) -> Option<Self> {
        Self::rows(links.iter().map(std::slice::from_ref))
    }

    fn rows(rows: impl Iterator<Item = &'a [UrlButton]>) -> Option<Self> {
        let link = |link: &'a UrlButton| Link { text: &link.label, url: &link.url };
        let inline_keyboard: Vec<Vec<Link<'a>>> =
            rows.map(|row| row.iter().map(link).collect()).collect();
        (!inline_keyboard.is_empty()).then_some(Self { inline_keyboard })
    }
}

/// `copyMessage`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Copy<'a> {
    pub(in crate::adapters::telegram) chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::adapters::telegram) message_thread_id: Option<i64>,
    pub(in crate::adapters::telegram) from_chat_id: i64,
    pub(in crate::adapters::telegram) message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::adapters::telegram) reply_parameters: Option<ReplyTo<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::adapters::telegram) reply_markup: Option<Links<'a>>,
}

impl Method for Copy<'_> {
    const NAME: &'static str = "copyMessage";
    type Output = Sent;
}

/// `editMessageText` of a copy.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct EditText<'a> {
    chat_id: i64,
    message_id: i64,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entities: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link_preview_options: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Links<'a>>,
}

impl<'a> EditText<'a> {
    pub(in crate::adapters::telegram) fn new(
        chat: ChatId,
        message: MessageId,
        body: &'a Body,
        links: &'a LinkRows,
    ) -> Result<Self, SendError> {
        Ok(Self {
            chat_id: chat.0,
            message_id: message.number(),
            text: &body.text,
            entities: Raw::of(body.entities.as_ref())?,
            link_preview_options: Raw::of(body.preview.as_ref())?,
            reply_markup: Links::of(links),
        })
    }
}

impl Method for EditText<'_> {
    const NAME: &'static str = "editMessageText";
    type Output = Unread;
}

/// `editMessageCaption`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct EditCaption<'a> {
    chat_id: i64,
    message_id: i64,
    caption: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption_entities: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    show_caption_above_media: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Links<'a>>,
}

impl<'a> EditCaption<'a> {
    pub(in crate::adapters::telegram) fn new(
        chat: ChatId,
        message: MessageId,
        body: &'a Body,
        links: &'a LinkRows,
    ) -> Result<Self, SendError> {
        Ok(Self {
            chat_id: chat.0,
            message_id: message.number(),
            caption: &body.text,
            caption_entities: Raw::of(body.entities.as_ref())?,
            show_caption_above_media: body.media.as_ref().is_some_and(|media| media.caption_above),
            reply_markup: Links::of(links),
        })
    }
}

impl Method for EditCaption<'_> {
    const NAME: &'static str = "editMessageCaption";
    type Output = Unread;
}

/// `InputMedia`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct InputMedia<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    media: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    caption: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption_entities: Option<Raw<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    show_caption_above_media: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    has_spoiler: bool,
}

impl<'a> InputMedia<'a> {
    fn new(body: &'a Body) -> Result<Self, SendError> {
        let Some(media) = &body.media else {
            return Err(SendError::Refused("there is no file in the message to send".to_owned()));
        };
        Ok(Self {
            kind: &media.kind,
            media: &media.file,
            caption: &body.text,
            caption_entities: Raw::of(body.entities.as_ref())?,
            show_caption_above_media: media.caption_above,
            has_spoiler: media.spoiler,
        })
    }
}

/// `editMessageMedia`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct EditMedia<'a> {
    chat_id: i64,
    message_id: i64,
    media: InputMedia<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Links<'a>>,
}

impl<'a> EditMedia<'a> {
    pub(in crate::adapters::telegram) fn new(
        chat: ChatId,
        message: MessageId,
        body: &'a Body,
        links: &'a LinkRows,
    ) -> Result<Self, SendError> {
        Ok(Self {
            chat_id: chat.0,
            message_id: message.number(),
            media: InputMedia::new(body)?,
            reply_markup: Links::of(links),
        })
    }
}

impl Method for EditMedia<'_> {
    const NAME: &'static str = "editMessageMedia";
    type Output = Unread;
}

/// `sendMediaGroup`
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Album<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    media: Vec<InputMedia<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyTo<'a>>,
}

impl<'a> Album<'a> {
    pub(in crate::adapters::telegram) fn new(
        to: Address,
        pieces: &'a [Body],
        reply: Option<&'a Resolved>,
    ) -> Result<Self, SendError> {
        Ok(Self {
            chat_id: to.chat.0,
            message_thread_id: thread(to),
            media: pieces.iter().map(InputMedia::new).collect::<Result<_, _>>()?,
            reply_parameters: ReplyTo::new(reply)?,
        })
    }
}

impl Method for Album<'_> {
    const NAME: &'static str = "sendMediaGroup";
    type Output = Vec<Sent>;
}
