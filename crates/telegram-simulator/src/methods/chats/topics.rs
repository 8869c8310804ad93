//! Topics of forums.
//!
//! Stricter than Telegram: a name of more than 128 units is refused, where Telegram cuts it.

use serde_json::{Value, json};

use crate::{
    error::ApiError, events::EventKind, methods::call::Invocation, text::utf16_len,
    world::TopicState, world::World,
};

type Done = Result<Value, ApiError>;

/// The colours Telegram has for topics.
pub(crate) const COLOURS: [i64; 6] =
    [7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047];

/// The icons that `getForumTopicIconStickers` offers here: ids and emoji.
const ICONS: [(&str, &str); 8] = [
    ("5434144690511290129", "📰"),
    ("5312536423851630001", "💡"),
    ("5312016608254762256", "⚡️"),
    ("5377544228505134960", "🎙"),
    ("5237699328843200968", "✅"),
    ("5379748062124056162", "❗️"),
    ("5377316857231450742", "❓"),
    ("5309832892262654231", "🤖"),
];

pub(crate) fn create(call: &mut Invocation<'_>) -> Done {
    let chat = call.forum()?;
    if !call.rights(chat).manage_topics {
        return Err(ApiError::bad("not enough rights to create a topic"));
    }
    let name = checked_name(call.str("name").unwrap_or_default())?;
    let icon_color = call.int("icon_color").unwrap_or(COLOURS[0]);
    if !COLOURS.contains(&icon_color) {
        return Err(ApiError::bad("invalid icon color specified"));
    }
    let icon = call.str("icon_custom_emoji_id").filter(|icon| !icon.is_empty());
    check_icon(icon)?;
    let me = call.world.me.id;
    let id = open(call.world, chat, me, name, icon_color, icon);
    let mut topic = json!({ "message_thread_id": id, "name": name, "icon_color": icon_color });
    if let Some(icon) = icon {
        topic["icon_custom_emoji_id"] = icon.into();
    }
    Ok(topic)
}

/// Opens a topic: its id is that of its service message.
pub(crate) fn open(
    world: &mut World,
    chat: i64,
    creator: i64,
    name: &str,
    icon_color: i64,
    icon: Option<&str>,
) -> i64 {
    let mut created = json!({ "name": name, "icon_color": icon_color });
    if let Some(icon) = icon {
        created["icon_custom_emoji_id"] = icon.into();
    }
    let id = world.next_message_id(chat);
    let state = TopicState {
        name: name.to_owned(),
        icon: icon.map(str::to_owned),
        closed: false,
        deleted: false,
        creator,
    };
    if let Some(entry) = world.chats.get_mut(&chat) {
        entry.topics.insert(id, state);
    }
    let content = [("forum_topic_created".to_owned(), created)].into_iter().collect();
    let draft = crate::world::Draft {
        chat,
        topic: Some(id),
        from: creator,
        content: std::sync::Arc::new(content),
        ..Default::default()
    };
    world.post_as(id, draft);
    world.emit(chat, Some(id), creator, EventKind::TopicCreated { name: name.to_owned() });
    id
}

pub(crate) fn edit(call: &mut Invocation<'_>) -> Done {
    let (chat, id, topic) = call.topic()?;
    managed(call, chat, &topic, "not enough rights to edit the topic")?;
    let name = match call.str("name").filter(|name| !name.is_empty()) {
        Some(name) => Some(checked_name(name)?).filter(|name| *name != topic.name),
        None => None,
    };
    let icon = call
        .str("icon_custom_emoji_id")
        .filter(|icon| *icon != topic.icon.as_deref().unwrap_or(""));
    check_icon(icon.filter(|icon| !icon.is_empty()))?;
    if name.is_none() && icon.is_none() {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    let me = call.world.me.id;
    change(call.world, chat, id, me, name, icon);
    Ok(true.into())
}

/// Changes a topic's name or icon (empty: none), and says so in the topic.
pub(crate) fn change(
    world: &mut World,
    chat: i64,
    id: i64,
    by: i64,
    name: Option<&str>,
    icon: Option<&str>,
) {
    let Some(topic) = world.chats.get_mut(&chat).and_then(|chat| chat.topics.get_mut(&id)) else {
        return;
    };
    let mut edited = json!({});
    if let Some(name) = name {
        name.clone_into(&mut topic.name);
        edited["name"] = name.into();
    }
    if let Some(icon) = icon {
        topic.icon = Some(icon.to_owned()).filter(|icon| !icon.is_empty());
        edited["icon_custom_emoji_id"] = icon.into();
    }
    let kind = EventKind::TopicEdited { name: topic.name.clone(), icon: topic.icon.clone() };
    world.post_service(chat, Some(id), by, "forum_topic_edited", edited);
    world.emit(chat, Some(id), by, kind);
}

pub(crate) fn close(call: &mut Invocation<'_>, closed: bool) -> Done {
    let (chat, id, topic) = call.topic()?;
    let complaint = if closed {
        "not enough rights to close the topic"
    } else {
        "not enough rights to reopen the topic"
    };
    managed(call, chat, &topic, complaint)?;
    if topic.closed == closed {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    let me = call.world.me.id;
    set_closed(call.world, chat, id, me, closed);
    Ok(true.into())
}

/// Closes or reopens a topic, and says so in it.
pub(crate) fn set_closed(world: &mut World, chat: i64, id: i64, by: i64, closed: bool) {
    let Some(topic) = world.chats.get_mut(&chat).and_then(|chat| chat.topics.get_mut(&id)) else {
        return;
    };
    if topic.closed == closed || topic.deleted {
        return;
    }
    topic.closed = closed;
    let (field, kind) = if closed {
        ("forum_topic_closed", EventKind::TopicClosed)
    } else {
        ("forum_topic_reopened", EventKind::TopicReopened)
    };
    world.post_service(chat, Some(id), by, field, json!({}));
    world.emit(chat, Some(id), by, kind);
}

pub(crate) fn delete(call: &mut Invocation<'_>) -> Done {
    let (chat, id, _) = call.topic()?;
    if !call.rights(chat).delete_messages {
        return Err(ApiError::bad("not enough rights to delete the topic"));
    }
    let me = call.world.me.id;
    remove(call.world, chat, id, me);
    Ok(true.into())
}

/// Deletes a topic with its messages. The bot gets no update, as at Telegram.
pub(crate) fn remove(world: &mut World, chat: i64, id: i64, by: i64) {
    let Some(entry) = world.chats.get_mut(&chat) else { return };
    let Some(topic) = entry.topics.get_mut(&id) else { return };
    topic.deleted = true;
    entry.messages.retain(|_, message| message.topic != Some(id));
    let messages = &entry.messages;
    entry.pinned.retain(|pinned| messages.contains_key(pinned));
    world.emit(chat, Some(id), by, EventKind::TopicDeleted);
}

pub(crate) fn icon_stickers() -> Value {
    let sticker = |(id, emoji): &(&str, &str)| {
        json!({
            "file_id": format!("icon-{id}"), "file_unique_id": format!("u-icon-{id}"),
            "type": "custom_emoji", "width": 100, "height": 100, "is_animated": false, "is_video": false,
            "emoji": emoji, "custom_emoji_id": id, "set_name": "Topics",
        })
    };
    ICONS.iter().map(sticker).collect()
}

fn checked_name(name: &str) -> Result<&str, ApiError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(ApiError::bad("topic name must be non-empty"));
    }
    if utf16_len(name) > 128 {
        return Err(ApiError::bad("TOPIC_TITLE_TOO_LONG"));
    }
    Ok(name)
}

fn check_icon(icon: Option<&str>) -> Result<(), ApiError> {
    match icon {
        Some(icon) if !ICONS.iter().any(|(id, _)| *id == icon) => {
            Err(ApiError::bad("DOCUMENT_INVALID"))
        }
        Some(_) | None => Ok(()),
    }
}

/// With the right to, or because the bot created it.
fn managed(
    call: &Invocation<'_>,
    chat: i64,
    topic: &TopicState,
    complaint: &str,
) -> Result<(), ApiError> {
    let may = call.rights(chat).manage_topics || topic.creator == call.world.me.id;
    if may { Ok(()) } else { Err(ApiError::bad(complaint)) }
}
