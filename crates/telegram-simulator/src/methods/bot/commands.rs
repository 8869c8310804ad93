//! The bot's commands, per scope and language.

use serde_json::{Value, json};

use crate::{error::ApiError, methods::call::Invocation};

type Done = Result<Value, ApiError>;

pub(crate) fn set(call: &mut Invocation<'_>) -> Done {
    let commands = call.value("commands").cloned().unwrap_or_default();
    let list = commands.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() > 100 {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for item in list {
        let command = item["command"].as_str().unwrap_or_default().trim_start_matches('/');
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if command.is_empty() || command.len() > 32 || !command.chars().all(fits) {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        let length = item["description"].as_str().unwrap_or_default().chars().count();
        if !(1..=256).contains(&length) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = key(call)?;
    call.world.commands.insert(key, commands);
    Ok(true.into())
}

pub(crate) fn get(call: &mut Invocation<'_>) -> Done {
    Ok(call.world.commands.get(&key(call)?).cloned().unwrap_or_else(|| json!([])))
}

pub(crate) fn delete(call: &mut Invocation<'_>) -> Done {
    let key = key(call)?;
    call.world.commands.remove(&key);
    Ok(true.into())
}

fn key(call: &Invocation<'_>) -> Result<(String, String), ApiError> {
    let scope = call.value("scope").cloned().unwrap_or_else(|| json!({ "type": "default" }));
    if let Some(chat) = scope["chat_id"].as_i64()
        && !call.world.chats.contains_key(&chat)
    {
        return Err(ApiError::bad("chat not found"));
    }
    Ok((scope.to_string(), call.str("language_code").unwrap_or_default().to_owned()))
}
