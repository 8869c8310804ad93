//! Deletes messages, within 48 hours and the bot's rights.

use serde_json::Value;

use crate::{
    error::ApiError,
    methods::call::Invocation,
    world::{Chat, ChatKind, Message},
};

/// How long a message may be deleted for, in seconds.
const DELETABLE: i64 = 48 * 3600;
/// A dice in a private chat cannot be deleted for a day, so that nobody rolls until they win.
const DICE_STAYS: i64 = 24 * 3600;

pub(crate) fn one(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let chat = call.chat("chat_id")?;
    let (id, message) = (chat.id, call.int("message_id").unwrap_or_default());
    let found =
        chat.messages.get(&message).ok_or_else(|| ApiError::bad("message to delete not found"))?;
    if !may(call, chat, found) {
        return Err(ApiError::bad("message can't be deleted"));
    }
    let me = call.world.me.id;
    call.world.delete(id, &[message], me);
    Ok(true.into())
}

pub(crate) fn many(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let chat = call.chat("chat_id")?;
    let ids = call.message_ids("too many messages to delete")?;
    if ids.iter().filter_map(|id| chat.messages.get(id)).any(|message| !may(call, chat, message)) {
        return Err(ApiError::bad("message can't be deleted"));
    }
    let (id, me) = (chat.id, call.world.me.id);
    call.world.delete(id, &ids, me);
    Ok(true.into())
}

fn may(call: &Invocation<'_>, chat: &Chat, message: &Message) -> bool {
    let age = call.world.date() - message.date;
    if age >= DELETABLE
        || matches!(message.kind(), "forum_topic_created" | "supergroup_chat_created")
    {
        return false;
    }
    if chat.kind == ChatKind::Private {
        return message.kind() != "dice" || age >= DICE_STAYS;
    }
    message.from == call.world.me.id || call.rights(chat.id).delete_messages
}
