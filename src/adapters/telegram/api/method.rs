//! The Bot API's methods as one trait: a name, parameters, and the few fields that are read from the result.
//!
//! teloxide's payload types supply the parameters. Results are decoded into our own structs, because
//! decoding teloxide's `Message` is twenty times slower and fails on fields that it does not know yet.

use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IgnoredAny};
use teloxide::payloads;

/// A method of the Bot API with its parameters.
pub(in crate::adapters::telegram) trait Method:
    Serialize + Sync
{
    /// The method's name in the Bot API.
    const NAME: &'static str;
    /// The part of the result that is read.
    type Output: DeserializeOwned + Send;
}

/// A message that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(in crate::adapters::telegram) struct Sent {
    pub(in crate::adapters::telegram) message_id: i64,
    #[serde(default)]
    pub(in crate::adapters::telegram) message_thread_id: Option<i64>,
}

/// A message with a photo that was sent.
#[derive(Debug, Deserialize)]
pub(in crate::adapters::telegram) struct SentPhoto {
    #[serde(flatten)]
    pub(in crate::adapters::telegram) sent: Sent,
    #[serde(default)]
    photo: Vec<PhotoSize>,
}

#[derive(Debug, Deserialize)]
struct PhotoSize {
    file_id: String,
}

impl SentPhoto {
    /// The photo's file id: that of its largest size.
    pub(in crate::adapters::telegram) fn file(mut self) -> Option<String> {
        self.photo.pop().map(|size| size.file_id)
    }
}

/// A topic that was opened.
#[derive(Debug, Deserialize)]
pub(in crate::adapters::telegram) struct Opened {
    pub(in crate::adapters::telegram) message_thread_id: i64,
}

/// A result that is ignored.
#[derive(Debug, Deserialize)]
pub(in crate::adapters::telegram) struct Unread(IgnoredAny);

/// The result of `getMe`.
#[derive(Debug, Deserialize)]
pub(in crate::adapters::telegram) struct Me {
    pub(in crate::adapters::telegram) id: i64,
    #[serde(default)]
    pub(in crate::adapters::telegram) username: String,
    #[serde(default)]
    pub(in crate::adapters::telegram) can_read_all_group_messages: bool,
    #[serde(default)]
    pub(in crate::adapters::telegram) has_topics_enabled: bool,
    #[serde(default)]
    pub(in crate::adapters::telegram) can_connect_to_business: bool,
}

/// The result of `getChat`.
#[derive(Debug, Deserialize)]
pub(in crate::adapters::telegram) struct Chat {
    #[serde(rename = "type")]
    pub(in crate::adapters::telegram) kind: String,
    pub(in crate::adapters::telegram) title: Option<String>,
    #[serde(default)]
    pub(in crate::adapters::telegram) is_forum: bool,
    #[serde(default)]
    pub(in crate::adapters::telegram) has_protected_content: bool,
    /// Only public chats have a username.
    pub(in crate::adapters::telegram) username: Option<String>,
}

/// The status and rights of a member of a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the Bot API's rights")]
pub(in crate::adapters::telegram) struct Member {
    pub(in crate::adapters::telegram) status: String,
    pub(in crate::adapters::telegram) can_manage_topics: bool,
    pub(in crate::adapters::telegram) can_delete_messages: bool,
    pub(in crate::adapters::telegram) can_pin_messages: bool,
    pub(in crate::adapters::telegram) can_promote_members: bool,
    pub(in crate::adapters::telegram) can_restrict_members: bool,
    pub(in crate::adapters::telegram) can_change_info: bool,
    pub(in crate::adapters::telegram) can_invite_users: bool,
    pub(in crate::adapters::telegram) can_manage_video_chats: bool,
    pub(in crate::adapters::telegram) can_post_stories: bool,
    pub(in crate::adapters::telegram) can_edit_stories: bool,
    pub(in crate::adapters::telegram) can_delete_stories: bool,
    pub(in crate::adapters::telegram) is_anonymous: bool,
}

macro_rules! methods {
    ($($payload:ident => $name:literal, $output:ty;)*) => {$(
        impl Method for payloads::$payload {
            const NAME: &'static str = $name;
            type Output = $output;
        }
    )*};
}

methods! {
    CopyMessages => "copyMessages", Vec<Sent>;
    ForwardMessage => "forwardMessage", Sent;
    ForwardMessages => "forwardMessages", Vec<Sent>;
    EditMessageReplyMarkup => "editMessageReplyMarkup", Unread;
    DeleteMessage => "deleteMessage", Unread;
    DeleteMessages => "deleteMessages", Unread;
    PinChatMessage => "pinChatMessage", Unread;
    UnpinChatMessage => "unpinChatMessage", Unread;
    CreateForumTopic => "createForumTopic", Opened;
    EditForumTopic => "editForumTopic", Unread;
    CloseForumTopic => "closeForumTopic", Unread;
    ReopenForumTopic => "reopenForumTopic", Unread;
    AnswerCallbackQuery => "answerCallbackQuery", Unread;
    GetMe => "getMe", Me;
    GetChat => "getChat", Chat;
    GetChatMember => "getChatMember", Member;
    SendChatAction => "sendChatAction", Unread;
    SetMyCommands => "setMyCommands", Unread;
    DeleteWebhook => "deleteWebhook", Unread;
}

/// Every method that is ever called: their URLs are built once, and their metrics exist from the start.
pub(in crate::adapters::telegram) const NAMES: [&str; 31] = [
    "answerCallbackQuery",
    "closeForumTopic",
    "copyMessage",
    "copyMessages",
    "createForumTopic",
    "deleteMessage",
    "deleteMessages",
    "deleteWebhook",
    "editForumTopic",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "editMessageText",
    "forwardMessage",
    "forwardMessages",
    "getChat",
    "getChatMember",
    "getMe",
    "getUpdates",
    "getWebhookInfo",
    "pinChatMessage",
    "reopenForumTopic",
    "sendChatAction",
    "sendDocument",
    "sendMediaGroup",
    "sendMessage",
    "sendPhoto",
    "setMessageReaction",
    "setMyCommands",
    "setWebhook",
    "unpinChatMessage",
];
