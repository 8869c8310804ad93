//! Performs one call of the desk: one request to Telegram, one receipt.
//!
//! Nothing is retried here. A caller that retries knows that the first attempt may have succeeded.

use teloxide::{payloads as theirs, types};

use super::{
    CallError,
    api::{
        broadcast::{Broadcast, SendDocument},
        copies,
        method::{Method, Opened, Sent},
        payloads as ours,
    },
    client::Client,
    errors::{ChatKind, classify},
};
use domain::{CallbackId, ChatId, MessageId, TopicId, UserId};
use ports::{Address, Call, Keys, Messenger, Photo, PhotoSource, Receipt, SendError};

/// Makes calls to Telegram.
#[derive(Debug, Clone)]
pub struct TelegramMessenger {
    client: Client,
}

impl TelegramMessenger {
    /// A messenger over this client.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn call<M: Method>(&self, chat: ChatId, method: &M) -> Result<M::Output, SendError> {
        let outcome = self.client.call(method).await;
        outcome.map_err(|error| classify(error, ChatKind::of(chat)))
    }

    /// Makes a call that takes messages from another chat. "Chat not found" may refer to that chat: a deleted account
    /// must not look like a missing group. Other calls detect that the group is missing.
    async fn call_with_source<M: Method>(
        &self,
        chat: ChatId,
        method: &M,
    ) -> Result<M::Output, SendError> {
        let outcome = self.client.call(method).await;
        outcome.map_err(|error| {
            let unknown = error.is_unknown_chat();
            let means = classify(error, ChatKind::of(chat));
            let broken = matches!(means, SendError::GroupBroken(_));
            if unknown && broken { SendError::MessageGone } else { means }
        })
    }

    /// Sends a picture, uploaded or by its file id.
    async fn send_photo(
        &self,
        to: Address,
        photo: &Photo,
        html: &str,
        keys: &Keys,
    ) -> Result<Receipt, SendError> {
        let outcome = match &photo.source {
            PhotoSource::Known(file) => {
                self.client.call(&ours::SendPhoto::new(to, Some(file), html, keys)).await
            }
            PhotoSource::New(content) => {
                let method = ours::SendPhoto::new(to, None, html, keys);
                self.client.upload(&method, ("photo", "photo"), content).await
            }
        };
        let sent = outcome.map_err(|error| classify(error, ChatKind::of(to.chat)))?;
        let receipt = landed(&[sent.sent]);
        Ok(Receipt { file: sent.file(), ..receipt })
    }

    /// Uploads a file under this name.
    async fn send_document(
        &self,
        to: Address,
        name: &str,
        content: &[u8],
        html: &str,
    ) -> Result<Receipt, SendError> {
        let method = SendDocument::new(to, html);
        let outcome = self.client.upload(&method, ("document", name), content).await;
        let sent = outcome.map_err(|error| classify(error, ChatKind::of(to.chat)))?;
        Ok(landed(&[sent]))
    }

    /// Opens a topic, with an icon if one is given.
    async fn open(
        &self,
        at: ChatId,
        title: &str,
        icon: Option<&String>,
    ) -> Result<Receipt, SendError> {
        let mut method = theirs::CreateForumTopic::new(chat(at), title);
        method.icon_custom_emoji_id = icon.cloned().map(types::CustomEmojiId);
        let Opened { message_thread_id } = self.call(at, &method).await?;
        Ok(Receipt { opened: Some(TopicId(message_thread_id)), ..Receipt::default() })
    }

    /// Answers a press of a button.
    async fn answer(
        &self,
        callback: &CallbackId,
        text: Option<&String>,
    ) -> Result<Receipt, SendError> {
        let callback = types::CallbackQueryId(callback.0.clone());
        let mut method = theirs::AnswerCallbackQuery::new(callback);
        method.text = text.cloned();
        let outcome = self.client.call(&method).await;
        outcome.map_err(|error| classify(error, ChatKind::Private))?;
        Ok(Receipt::default())
    }

    /// Makes a call whose result carries no information.
    async fn done<M: Method>(&self, chat: ChatId, method: &M) -> Result<Receipt, SendError> {
        self.call(chat, method).await.map(|_unread| Receipt::default())
    }
}

#[ports::async_trait]
impl Messenger for TelegramMessenger {
    async fn perform(&self, call: &Call) -> Result<Receipt, SendError> {
        match call {
            Call::Copy { to, from, message, reply, links } => {
                let method = copies::Copy {
                    chat_id: to.chat.0,
                    message_thread_id: ours::thread(*to),
                    from_chat_id: from.0,
                    message_id: message.number(),
                    reply_parameters: ours::ReplyTo::new(reply.as_ref())?,
                    reply_markup: copies::Links::of(links),
                };
                self.call_with_source(to.chat, &method).await.map(|sent| copied([sent]))
            }
            Call::CopyMany { to, from, messages } => {
                let messages = ids(messages)?;
                let mut method = theirs::CopyMessages::new(chat(to.chat), chat(*from), messages);
                method.message_thread_id = thread(*to)?;
                self.call_with_source(to.chat, &method).await.map(copied)
            }
            Call::Forward { to, from, message } => {
                let message = id(*message)?;
                let mut method = theirs::ForwardMessage::new(chat(to.chat), chat(*from), message);
                method.message_thread_id = thread(*to)?;
                self.call_with_source(to.chat, &method).await.map(|sent| landed(&[sent]))
            }
            Call::ForwardMany { to, from, messages } => {
                let messages = ids(messages)?;
                let mut method = theirs::ForwardMessages::new(chat(to.chat), chat(*from), messages);
                method.message_thread_id = thread(*to)?;
                self.call_with_source(to.chat, &method).await.map(copied)
            }
            Call::Album { to, pieces, reply } => {
                let method = copies::Album::new(*to, pieces, reply.as_ref())?;
                self.call(to.chat, &method).await.map(|sent| landed(&sent))
            }
            Call::Say { to, html, reply, keys } => {
                let method = ours::Say::new(*to, html, reply.as_ref(), keys)?;
                self.call(to.chat, &method).await.map(|sent| landed(&[sent]))
            }
            Call::Photo { to, photo, html, keys } => self.send_photo(*to, photo, html, keys).await,
            Call::EditText { chat, message, body, links } => {
                self.done(*chat, &copies::EditText::new(*chat, *message, body, links)?).await
            }
            Call::EditCaption { chat, message, body, links } => {
                self.done(*chat, &copies::EditCaption::new(*chat, *message, body, links)?).await
            }
            Call::EditMedia { chat, message, body, links } => {
                self.done(*chat, &copies::EditMedia::new(*chat, *message, body, links)?).await
            }
            Call::EditSaid { chat, message, html, keys } => {
                self.done(*chat, &ours::EditSaid::new(*chat, *message, html, keys)).await
            }
            Call::React { chat, message, reaction } => {
                self.done(*chat, &ours::React::new(*chat, *message, reaction.as_ref())?).await
            }
            Call::RemoveKeys { chat: at, message } => {
                let method = theirs::EditMessageReplyMarkup::new(chat(*at), id(*message)?);
                self.done(*at, &method).await
            }
            Call::Delete { chat: at, message } => {
                self.done(*at, &theirs::DeleteMessage::new(chat(*at), id(*message)?)).await
            }
            Call::DeleteMany { chat: at, messages } => {
                self.done(*at, &theirs::DeleteMessages::new(chat(*at), ids(messages)?)).await
            }
            Call::Broadcast { to, from, message, links, paid } => {
                let method = Broadcast::new(*to, *from, *message, links, *paid);
                self.call_with_source(to.chat, &method).await.map(|sent| copied([sent]))
            }
            Call::Document { to, name, content, html } => {
                self.send_document(*to, name, content, html).await
            }
            Call::Pin { chat: at, message } => {
                let mut method = theirs::PinChatMessage::new(chat(*at), id(*message)?);
                method.disable_notification = Some(true);
                self.done(*at, &method).await
            }
            Call::Unpin { chat: at, message } => {
                let mut method = theirs::UnpinChatMessage::new(chat(*at));
                method.message_id = Some(id(*message)?);
                self.done(*at, &method).await
            }
            Call::OpenTopic { chat: at, title, icon } => self.open(*at, title, icon.as_ref()).await,
            Call::RenameTopic { chat: at, topic: renamed, title } => {
                let mut method = theirs::EditForumTopic::new(chat(*at), topic(*renamed)?);
                method.name = Some(title.clone());
                self.done(*at, &method).await
            }
            Call::CloseTopic { chat: at, topic: closed } => {
                self.done(*at, &theirs::CloseForumTopic::new(chat(*at), topic(*closed)?)).await
            }
            Call::ReopenTopic { chat: at, topic: reopened } => {
                self.done(*at, &theirs::ReopenForumTopic::new(chat(*at), topic(*reopened)?)).await
            }
            Call::Answer { callback, text } => self.answer(callback, text.as_ref()).await,
        }
    }

    async fn reach(&self) -> Result<(), SendError> {
        let outcome = self.client.call(&theirs::GetMe::new()).await;
        outcome.map(|_unread| ()).map_err(|error| classify(error, ChatKind::Private))
    }

    async fn is_member(&self, group: ChatId, user: UserId) -> Result<bool, SendError> {
        let somebody = types::UserId(user.0.unsigned_abs());
        match self.client.call(&theirs::GetChatMember::new(chat(group), somebody)).await {
            Ok(member) => Ok(!matches!(member.status.as_str(), "left" | "kicked")),
            // These mean that the user was never a member. "user not found" is ambiguous.
            Err(CallError::Refused(api))
                if ["PARTICIPANT_ID_INVALID", "member not found"]
                    .iter()
                    .any(|words| api.description.contains(words)) =>
            {
                Ok(false)
            }
            Err(error) => Err(classify(error, ChatKind::Group)),
        }
    }

    async fn has_topics(&self, group: ChatId) -> Result<bool, SendError> {
        self.call(group, &theirs::GetChat::new(chat(group))).await.map(|chat| chat.is_forum)
    }
}

/// The receipt of copies, for which Telegram returns only ids.
fn copied(sent: impl IntoIterator<Item = Sent>) -> Receipt {
    let messages = sent.into_iter().map(|sent| MessageId(sent.message_id)).collect();
    Receipt { messages, ..Receipt::default() }
}

/// The receipt of messages that Telegram returns whole, with the topic they are in.
fn landed(sent: &[Sent]) -> Receipt {
    let landed = sent.first().map(|sent| sent.message_thread_id.map(TopicId));
    Receipt { landed, ..copied(sent.iter().copied()) }
}

fn chat(chat: ChatId) -> types::ChatId {
    types::ChatId(chat.0)
}

fn id(message: MessageId) -> Result<types::MessageId, SendError> {
    // Telegram's message ids have 31 bits, so a larger id belongs to no message.
    i32::try_from(message.number()).map(types::MessageId).map_err(|_large| SendError::MessageGone)
}

fn ids(messages: &[MessageId]) -> Result<Vec<types::MessageId>, SendError> {
    messages.iter().map(|message| id(*message)).collect()
}

fn topic(topic: TopicId) -> Result<types::ThreadId, SendError> {
    id(MessageId(topic.number())).map(types::ThreadId).map_err(|_large| SendError::TopicGone)
}

fn thread(to: Address) -> Result<Option<types::ThreadId>, SendError> {
    ours::thread(to).map(|thread| topic(TopicId(thread))).transpose()
}
