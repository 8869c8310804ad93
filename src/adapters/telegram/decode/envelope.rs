//! Reads only the parts of an update that are needed before it is stored: its number, its kind and its lane.
//!
//! Every update passes here while Telegram waits, so nothing else is parsed.

use serde::Deserialize;

use super::{GREATEST_ID, wire::lenient};
use domain::{ChatId, GroupChats, InboxLane, TopicId, UpdateId, UserId};
use ports::{Envelope, UpdateKind};

#[derive(Deserialize)]
struct Head {
    update_id: Option<i64>,
    message: Option<Location>,
    edited_message: Option<Location>,
    callback_query: Option<Pressed>,
    message_reaction: Option<Location>,
    my_chat_member: Option<Location>,
}

#[derive(Deserialize)]
struct Location {
    chat: ChatHead,
    message_thread_id: Option<i64>,
    is_topic_message: Option<bool>,
    forum_topic_created: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct ChatHead {
    id: i64,
}

#[derive(Deserialize)]
struct Pressed {
    message: Option<Location>,
}

/// The number of an update whose other contents are malformed.
#[derive(Deserialize)]
struct Number {
    #[serde(default, deserialize_with = "lenient")]
    update_id: Option<i64>,
}

pub(super) fn read(raw: &str, groups: &GroupChats) -> Envelope {
    let Ok(head) = serde_json::from_str::<Head>(raw) else {
        let update = serde_json::from_str(raw).ok().and_then(|Number { update_id }| update_id);
        return Envelope {
            update: update.map(UpdateId),
            lane: InboxLane::Desk,
            kind: UpdateKind::Other,
        };
    };
    let (kind, place) = head.kind_and_place();
    let lane = place.map_or(InboxLane::Desk, |place| place.lane(groups));
    Envelope { update: head.update_id.map(UpdateId), lane, kind }
}

impl Head {
    fn kind_and_place(&self) -> (UpdateKind, Option<&Location>) {
        if let Some(place) = &self.message {
            (UpdateKind::Message, Some(place))
        } else if let Some(place) = &self.edited_message {
            (UpdateKind::EditedMessage, Some(place))
        } else if let Some(pressed) = &self.callback_query {
            (UpdateKind::CallbackQuery, pressed.message.as_ref())
        } else if let Some(place) = &self.message_reaction {
            (UpdateKind::MessageReaction, Some(place))
        } else if let Some(place) = &self.my_chat_member {
            (UpdateKind::MyChatMember, Some(place))
        } else {
            (UpdateKind::Other, None)
        }
    }
}

impl Location {
    fn lane(&self, groups: &GroupChats) -> InboxLane {
        let chat = self.chat.id;
        let is_id = |id: i64| id.unsigned_abs() <= GREATEST_ID;
        if chat > 0 && is_id(chat) {
            return InboxLane::User(UserId(chat));
        }
        let topic = self.message_thread_id.filter(|topic| is_id(*topic));
        match (topic, self.is_topic_message) {
            // The first update of a topic determines the partition of all its updates. This one arrives while the desk
            // is opening the topic, before the desk knows whose topic it is.
            _ if self.forum_topic_created.is_some() => InboxLane::Desk,
            (Some(topic), Some(true)) => groups
                .group(ChatId(chat))
                .map_or(InboxLane::Desk, |group| InboxLane::Topic(TopicId::in_group(group, topic))),
            _ => InboxLane::Desk,
        }
    }
}
