//! The bot's reactions, and its answers to pressed buttons.

use serde_json::Value;

use crate::{error::ApiError, events::EventKind, methods::call::Invocation, text::utf16_len};

/// The emoji that Telegram accepts as reactions.
const EMOJI: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 \
                     💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";
/// How long a pressed button can be answered, in milliseconds.
const CALLBACK_LIFETIME: u64 = 15 * 60 * 1000;

pub(crate) fn set(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let chat = call.chat("chat_id")?.id;
    let id = call.int("message_id").unwrap_or_default();
    let message =
        call.world.message(chat, id).ok_or_else(|| ApiError::bad("message to react not found"))?;
    let topic = message.topic;
    let wanted = call.value("reaction").and_then(Value::as_array).cloned().unwrap_or_default();
    if wanted.len() > 1 {
        return Err(ApiError::bad("REACTIONS_TOO_MANY"));
    }
    let emoji =
        wanted.first().map(|reaction| reaction["emoji"].as_str().unwrap_or_default().to_owned());
    if let Some(emoji) = &emoji {
        let plain = emoji.trim_end_matches('\u{fe0f}');
        if !EMOJI.split_whitespace().any(|known| known == plain) {
            return Err(ApiError::bad("REACTION_INVALID"));
        }
    }
    let me = call.world.me.id;
    if let Some(message) = call.world.message_mut(chat, id) {
        if wanted.is_empty() {
            message.reactions.remove(&me);
        } else {
            message.reactions.insert(me, wanted);
        }
    }
    call.world.emit(chat, topic, me, EventKind::Reacted { message: id, emoji });
    Ok(true.into())
}

pub(crate) fn answer_callback(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let id = call.str("callback_query_id").unwrap_or_default();
    if call.str("text").is_some_and(|text| utf16_len(text) > 200) {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let now = call.world.now();
    // A query can be answered once.
    let callback =
        call.world.callbacks.remove(id).filter(|callback| callback.at + CALLBACK_LIFETIME > now);
    let Some(callback) = callback else {
        return Err(ApiError::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    call.world.answers.push((id.to_owned(), call.parameters.clone().into()));
    let text = call.str("text").map(str::to_owned);
    let me = call.world.me.id;
    call.world.emit(callback.chat, callback.topic, me, EventKind::Answered { text });
    Ok(true.into())
}
