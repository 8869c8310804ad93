//! Payloads of newsletters.

use serde::Serialize;

use super::{
    copies::Links,
    method::{Method, Sent},
    payloads::thread,
};
use domain::{ChatId, MessageId, UrlButton};
use ports::Address;

/// `copyMessage` with URL buttons.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct Broadcast<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    from_chat_id: i64,
    message_id: i64,
    #[serde(rename = "allow_paid_broadcast", skip_serializing_if = "std::ops::Not::not")]
    paid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<Links<'a>>,
}

impl<'a> Broadcast<'a> {
    pub(in crate::adapters::telegram) fn new(
        to: Address,
        from: ChatId,
        message: MessageId,
        links: &'a [UrlButton],
        paid: bool,
    ) -> Self {
        Self {
            chat_id: to.chat.0,
            message_thread_id: thread(to),
            from_chat_id: from.0,
            message_id: message.number(),
            paid,
            reply_markup: Links::each(links),
        }
    }
}

impl Method for Broadcast<'_> {
    const NAME: &'static str = "copyMessage";
    type Output = Sent;
}

/// `sendDocument` with an uploaded file.
#[derive(Debug, Serialize)]
pub(in crate::adapters::telegram) struct SendDocument<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    caption: &'a str,
    parse_mode: &'static str,
}

impl<'a> SendDocument<'a> {
    pub(in crate::adapters::telegram) fn new(to: Address, html: &'a str) -> Self {
        let (chat_id, message_thread_id) = (to.chat.0, thread(to));
        Self { chat_id, message_thread_id, caption: html, parse_mode: "HTML" }
    }
}

impl Method for SendDocument<'_> {
    const NAME: &'static str = "sendDocument";
    type Output = Sent;
}
