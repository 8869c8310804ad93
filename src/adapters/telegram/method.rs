//! The Bot API's methods as one trait: a name, parameters, and the few fields that are read from the result.
//!
//! teloxide's payload types supply the parameters. Results are decoded into our own structs, because
//! decoding teloxide's `Message` is twenty times slower and fails on fields that it does not know yet.

use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IgnoredAny};
use teloxide::payloads;

/// A method of the Bot API with its parameters.
pub(super) trait Method: Serialize + Sync {
    /// The method's name in the Bot API.
    const NAME: &'static str;
    /// The part of the result that is read.
    type Output: DeserializeOwned + Send;
}

/// A message that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Sent {
    pub(super) message_id: i64,
    #[serde(default)]
    pub(super) message_thread_id: Option<i64>,
}

/// A message with a photo that was sent.
#[derive(Debug, Deserialize)]
pub(super) struct SentPhoto {
    #[serde(flatten)]
    pub(super) sent: Sent,
    #[serde(default)]
    photo: Vec<PhotoSize>,
}

#[derive(Debug, Deserialize)]
struct PhotoSize {
    file_id: String,
}

impl SentPhoto {
    /// The photo's file id: that of its largest size.
    pub(super) fn file(mut self) -> Option<String> {
        self.photo.pop().map(|size| size.file_id)
    }
}

/// A topic that was opened.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) message_thread_id: i64,
}

/// A result that is ignored.
#[derive(Debug, Deserialize)]
pub(super) struct Unread(IgnoredAny);

/// The result of `getMe`.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) username: String,
    #[serde(default)]
    pub(super) can_read_all_group_messages: bool,
    #[serde(default)]
    pub(super) has_topics_enabled: bool,
    #[serde(default)]
    pub(super) can_connect_to_business: bool,
}

/// The result of `getChat`.
#[derive(Debug, Deserialize)]
pub(super) struct Chat {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) is_forum: bool,
    #[serde(default)]
    pub(super) has_protected_content: bool,
    /// Only public chats have a username.
    pub(super) username: Option<String>,
}

/// The status and rights of a member of a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the Bot API's rights")]
pub(super) struct Member {
    pub(super) status: String,
    pub(super) can_manage_topics: bool,
    pub(super) can_delete_messages: bool,
    pub(super) can_pin_messages: bool,
    pub(super) can_promote_members: bool,
    pub(super) can_restrict_members: bool,
    pub(super) can_change_info: bool,
    pub(super) can_invite_users: bool,
    pub(super) can_manage_video_chats: bool,
    pub(super) can_post_stories: bool,
    pub(super) can_edit_stories: bool,
    pub(super) can_delete_stories: bool,
    pub(super) is_anonymous: bool,
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
    GetWebhookInfo => "getWebhookInfo", super::webhook::WebhookInfo;
}

/// Every method that is ever called: their URLs are built once, and their metrics exist from the start.
pub(super) const NAMES: [&str; 31] = [
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
