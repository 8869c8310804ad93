//! Pins. As at Telegram, the bot gets a service message about its own pins too.

use serde_json::Value;

use crate::{error::ApiError, events::EventKind, methods::call::Invocation, world::ChatKind};

type Done = Result<Value, ApiError>;

pub(crate) fn pin(call: &mut Invocation<'_>) -> Done {
    let chat = allowed(call, "not enough rights to manage pinned messages in the chat")?;
    let id = call.int("message_id").unwrap_or_default();
    let missing = || ApiError::bad("message to pin not found");
    let message = call.world.message(chat, id).ok_or_else(missing)?;
    if message.is_service() {
        return Err(ApiError::bad("message can't be pinned"));
    }
    let topic = message.topic;
    let pinned = call.world.render_plain(chat, message);
    let Some(entry) = call.world.chats.get_mut(&chat) else { return Err(missing()) };
    if entry.pinned.contains(&id) {
        return Ok(true.into());
    }
    entry.pinned.push(id);
    let me = call.world.me.id;
    call.world.emit(chat, topic, me, EventKind::Pinned { message: id, pinned: true });
    call.world.post_service(chat, topic, me, "pinned_message", pinned.into());
    Ok(true.into())
}

pub(crate) fn unpin(call: &mut Invocation<'_>) -> Done {
    let chat = allowed(call, "not enough rights to manage pinned messages in the chat")?;
    let wanted = call.int("message_id");
    let Some(entry) = call.world.chats.get_mut(&chat) else { return Ok(true.into()) };
    let index = match wanted {
        Some(id) => entry.pinned.iter().position(|pinned| *pinned == id),
        None => entry.pinned.len().checked_sub(1),
    };
    let Some(index) = index else { return Err(ApiError::bad("message to unpin not found")) };
    let id = entry.pinned.remove(index);
    let topic = entry.messages.get(&id).and_then(|message| message.topic);
    let me = call.world.me.id;
    call.world.emit(chat, topic, me, EventKind::Pinned { message: id, pinned: false });
    Ok(true.into())
}

pub(crate) fn unpin_all(call: &mut Invocation<'_>) -> Done {
    let chat = allowed(call, "not enough rights to manage pinned messages in the chat")?;
    if let Some(entry) = call.world.chats.get_mut(&chat) {
        entry.pinned.clear();
    }
    Ok(true.into())
}

pub(crate) fn unpin_topic(call: &mut Invocation<'_>) -> Done {
    allowed(call, "not enough rights to manage pinned messages in the chat")?;
    let (chat, topic, _) = call.topic()?;
    if let Some(entry) = call.world.chats.get_mut(&chat) {
        let messages = &entry.messages;
        entry.pinned.retain(|id| messages.get(id).and_then(|message| message.topic) != Some(topic));
    }
    Ok(true.into())
}

fn allowed(call: &Invocation<'_>, complaint: &str) -> Result<i64, ApiError> {
    let chat = call.chat("chat_id")?;
    if chat.kind == ChatKind::Private || call.rights(chat.id).pin_messages {
        Ok(chat.id)
    } else {
        Err(ApiError::bad(complaint))
    }
}
