//! A message as Telegram stores it, and what its fields say about it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value};

/// Fields of the Bot API's `Message` that make its content: `text`, `photo`, `caption`, …
pub(crate) type Fields = Map<String, Value>;

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) topic: Option<i64>,
    pub(crate) from: i64,
    pub(crate) date: i64,
    pub(crate) edited: Option<i64>,
    /// Shared with copies of it.
    pub(crate) content: Arc<Fields>,
    pub(crate) reply: Option<Reply>,
    pub(crate) album: Option<String>,
    pub(crate) markup: Option<Value>,
    pub(crate) protected: bool,
    pub(crate) origin: Option<Value>,
    /// By user id.
    pub(crate) reactions: BTreeMap<i64, Vec<Value>>,
}

/// What a message answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A message of the same chat and topic, perhaps a part of it.
    Here { message: i64, quote: Option<Value> },
    /// A message elsewhere, as `ExternalReplyInfo`.
    Elsewhere { info: Value, quote: Option<Value> },
}

/// Kinds of content, the most specific first: an animation also has a document, a venue a location.
const KINDS: &[&str] = &[
    "rich_message",
    "animation",
    "live_photo",
    "paid_media",
    "audio",
    "document",
    "photo",
    "sticker",
    "story",
    "video_note",
    "video",
    "voice",
    "checklist",
    "contact",
    "dice",
    "game",
    "poll",
    "venue",
    "location",
    "invoice",
    "giveaway_winners",
    "giveaway",
];

/// Kinds of service messages: they report an event.
const SERVICE: &[&str] = &[
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
    "chat_owner_left",
    "chat_owner_changed",
    "poll_option_added",
    "poll_option_deleted",
];

/// What a message is: `text`, `photo`, `forum_topic_created`, or the name of an unknown field.
pub(crate) fn kind_of(content: &Fields) -> &str {
    if content.contains_key("text") {
        return "text";
    }
    let known = KINDS.iter().chain(SERVICE).find(|kind| content.contains_key(**kind)).copied();
    let besides = |name: &&str| {
        !name.starts_with("caption") && !name.starts_with("has_") && !SENDER.contains(name)
    };
    known.or_else(|| content.keys().map(String::as_str).find(besides)).unwrap_or("unknown")
}

/// Fields about the sender, not the content. Copies and forwards leave them out.
const SENDER: [&str; 8] = [
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_tag",
    "author_signature",
    "via_bot",
    "reply_to_story",
    "effect_id",
];

/// The content for a copy or a forward, without [`SENDER`]; shared if there is nothing to leave out.
pub(crate) fn portable(content: &Arc<Fields>) -> Arc<Fields> {
    let mut content = Arc::clone(content);
    if SENDER.iter().any(|name| content.contains_key(*name)) {
        Arc::make_mut(&mut content).retain(|name, _| !SENDER.contains(&name.as_str()));
    }
    content
}

/// Whether this is a service message.
pub(crate) fn is_service(content: &Fields) -> bool {
    SERVICE.contains(&kind_of(content))
}

/// Its text, or its caption.
pub(crate) fn text_of(content: &Fields) -> Option<&str> {
    content.get("text").or_else(|| content.get("caption")).and_then(Value::as_str)
}

impl Message {
    pub(crate) fn kind(&self) -> &str {
        kind_of(&self.content)
    }

    pub(crate) fn is_service(&self) -> bool {
        is_service(&self.content)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        text_of(&self.content)
    }

    /// Whether Telegram copies messages of this kind.
    pub(crate) fn is_copyable(&self) -> bool {
        let quiz_unknown = self
            .content
            .get("poll")
            .is_some_and(|poll| poll["type"] == "quiz" && poll.get("correct_option_ids").is_none());
        let kind = self.kind();
        !self.is_service()
            && !quiz_unknown
            && !matches!(kind, "paid_media" | "giveaway" | "giveaway_winners" | "invoice")
    }
}
