//! Information about chats and users, and a chat's title and description.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::Invocation,
    text::utf16_len,
    world::{BotStatus, Chat, ChatKind},
};

type Done = Result<Value, ApiError>;

pub(crate) fn get_chat(call: &mut Invocation<'_>) -> Done {
    let chat = call.chat("chat_id")?;
    let mut full = call.world.chat_value(chat.id);
    full["accent_color_id"] = 0.into();
    full["max_reaction_count"] = 11.into();
    full["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
        "premium_subscription": false, "gifts_from_channels": false,
    });
    if chat.kind != ChatKind::Private {
        full["permissions"] = json!({ "can_send_messages": true, "can_manage_topics": false });
        full["has_visible_history"] = true.into();
    }
    if chat.protected {
        full["has_protected_content"] = true.into();
    }
    if let Some(description) = &chat.description {
        full["description"] = description.as_str().into();
    }
    if let Some(pinned) = chat.pinned.last().and_then(|id| chat.messages.get(id)) {
        full["pinned_message"] = call.world.render_plain(chat.id, pinned).into();
    }
    Ok(full)
}

pub(crate) fn set_title(call: &mut Invocation<'_>) -> Done {
    let chat = changeable(call, "not enough rights to change chat title")?;
    let title = call.str("title").unwrap_or_default().trim();
    if title.is_empty() || utf16_len(title) > 128 {
        return Err(ApiError::bad("CHAT_TITLE_EMPTY"));
    }
    if let Some(entry) = call.world.chats.get_mut(&chat) {
        title.clone_into(&mut entry.title);
    }
    let me = call.world.me.id;
    call.world.post_service(chat, None, me, "new_chat_title", title.into());
    Ok(true.into())
}

pub(crate) fn set_description(call: &mut Invocation<'_>) -> Done {
    let chat = changeable(call, "not enough rights to set chat description")?;
    let description = call.str("description").map(str::to_owned).filter(|text| !text.is_empty());
    if let Some(entry) = call.world.chats.get_mut(&chat) {
        if entry.description == description {
            return Err(ApiError::bad("chat description is not modified"));
        }
        entry.description = description;
    }
    Ok(true.into())
}

pub(crate) fn leave(call: &mut Invocation<'_>) -> Done {
    let chat = group(call)?.id;
    let me = call.world.me.id;
    call.world.move_bot(chat, BotStatus::Left, me);
    Ok(true.into())
}

pub(crate) fn export_invite_link(call: &mut Invocation<'_>) -> Done {
    let chat = group(call)?.id;
    if !call.rights(chat).invite_users {
        return Err(ApiError::bad("not enough rights to manage chat invite link"));
    }
    Ok(format!("https://t.me/+simulated{}", chat.unsigned_abs()).into())
}

fn changeable(call: &Invocation<'_>, complaint: &str) -> Result<i64, ApiError> {
    let chat = group(call)?.id;
    if call.rights(chat).change_info { Ok(chat) } else { Err(ApiError::bad(complaint)) }
}

fn group<'a>(call: &'a Invocation<'_>) -> Result<&'a Chat, ApiError> {
    let chat = call.chat("chat_id")?;
    if chat.kind == ChatKind::Private {
        return Err(ApiError::bad("chat can't be a private chat"));
    }
    Ok(chat)
}

pub(crate) fn user_profile_photos(call: &mut Invocation<'_>) -> Done {
    let user = call.int("user_id").unwrap_or_default();
    if call.world.users.contains_key(&user) {
        Ok(json!({ "total_count": 0, "photos": [] }))
    } else {
        Err(ApiError::bad("user not found"))
    }
}
