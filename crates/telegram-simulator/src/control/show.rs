//! What the control API shows: chats, topics, messages, calls, the webhook.

use serde_json::{Map, Value, json};

use crate::{
    Calls, SeenMessage, Shared, Topic,
    world::{BotStatus, Chat, ChatKind, Standing, World},
};

/// A message as people see it; what it does not have is left out.
pub(super) fn message(seen: SeenMessage) -> Value {
    let buttons: Vec<Vec<Value>> = seen
        .buttons
        .into_iter()
        .map(|row| {
            let button = |button: crate::Button| {
                slim(json!({ "text": button.text, "data": button.data, "url": button.url }))
            };
            row.into_iter().map(button).collect()
        })
        .collect();
    slim(json!({
        "id": seen.id, "topic": seen.topic, "author": seen.author, "from_bot": seen.from_bot,
        "kind": seen.kind, "text": seen.text, "entities": seen.entities, "file_id": seen.file_id,
        "reply_to": seen.reply_to, "external_reply": seen.external_reply, "quote": seen.quote,
        "media_group_id": seen.media_group_id, "buttons": buttons, "edited": seen.edited,
        "reactions": seen.reactions, "pinned": seen.pinned, "protected": seen.protected,
        "forward_origin": seen.forward_origin, "content": seen.content,
    }))
}

/// The same object without fields that are empty.
fn slim(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let full = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => true,
    };
    Value::Object(fields.into_iter().filter(|(_, value)| full(value)).collect())
}

pub(super) fn topic(topic: &Topic) -> Value {
    slim(json!({
        "id": topic.id, "name": topic.name, "closed": topic.closed, "deleted": topic.deleted, "icon": topic.icon,
    }))
}

/// Every chat, by id.
pub(super) fn chats(world: &World) -> Value {
    let mut chats: Vec<&Chat> = world.chats.values().collect();
    chats.sort_by_key(|chat| chat.id);
    chats.into_iter().map(|entry| chat(world, entry)).collect()
}

fn chat(world: &World, chat: &Chat) -> Value {
    let mut shown = chat.value(world.users.get(&chat.id));
    shown["bot"] = match chat.bot {
        BotStatus::Unstarted => "not started",
        BotStatus::Open => "open",
        BotStatus::Blocked => "blocked",
        BotStatus::Deactivated => "deactivated",
        BotStatus::Admin(_) => "administrator",
        BotStatus::Member => "member",
        BotStatus::Muted => "muted",
        BotStatus::Left => "left",
        BotStatus::Kicked => "kicked",
    }
    .into();
    shown["messages"] = chat.messages.len().into();
    if chat.deleted {
        shown["deleted"] = true.into();
    }
    if let Some(to) = chat.migrated_to {
        shown["migrated_to"] = to.into();
    }
    if chat.kind != ChatKind::Private {
        shown["topics"] = chat.topics.len().into();
        let member = |(user, standing): (&i64, &Standing)| {
            let name = world.users.get(user).map(crate::world::User::full_name);
            let standing = match standing {
                Standing::Owner => "owner",
                Standing::Admin(_) => "administrator",
                Standing::Member => "member",
                Standing::Left => "left",
            };
            json!({ "id": user, "name": name, "standing": standing })
        };
        shown["members"] = chat.members.iter().map(member).collect();
    }
    shown
}

/// The bot, its updates, and its webhook.
pub(super) fn bot(shared: &Shared) -> Value {
    let world = shared.world();
    let throttled = world.limiter.throttled;
    let webhook = world.updates.webhook.as_ref().map(|webhook| {
        json!({ "url": webhook.url, "last_error": webhook.last_error.as_ref().map(|(_, what)| what) })
    });
    json!({
        "id": world.me.id, "username": world.me.username, "pending_updates": world.updates.pending(),
        "webhook": webhook,
        "throttled": { "by_limits": throttled.by_limits, "by_faults": throttled.by_faults },
    })
}

/// How often each method was called, and the last calls, of one method if it is named.
pub(super) fn calls(calls: &Calls, method: Option<&str>) -> Value {
    let wanted =
        |call: &&crate::Call| method.is_none_or(|name| name.eq_ignore_ascii_case(call.method));
    let counts: Map<String, Value> =
        calls.counts.iter().map(|(name, count)| ((*name).to_owned(), (*count).into())).collect();
    let recent: Vec<Value> = calls
        .recent
        .iter()
        .filter(wanted)
        .map(|call| json!({ "method": call.method, "parameters": &*call.parameters }))
        .collect();
    json!({ "counts": counts, "recent": recent })
}
