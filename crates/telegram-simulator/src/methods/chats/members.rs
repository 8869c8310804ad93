//! The members of a group, and their status.

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::Invocation,
    world::{BotStatus, Chat, ChatKind, Standing},
};

type Done = Result<Value, ApiError>;

pub(crate) fn get(call: &mut Invocation<'_>) -> Done {
    let chat = call.chat("chat_id")?;
    let user = call.int("user_id").unwrap_or_default();
    let person = call.world.users.get(&user).ok_or_else(|| ApiError::bad("user not found"))?;
    if user == call.world.me.id {
        return Ok(Chat::bot_member(chat.bot, &person.value()));
    }
    if chat.kind == ChatKind::Private {
        return Ok(json!({ "status": "member", "user": person.value() }));
    }
    match chat.members.get(&user) {
        Some(standing) => Ok(member(*standing, &person.value())),
        // Telegram's answer for a user who was never in the group.
        None => Err(ApiError::bad("PARTICIPANT_ID_INVALID")),
    }
}

pub(crate) fn count(call: &mut Invocation<'_>) -> Done {
    let chat = call.chat("chat_id")?;
    let people = chat.members.values().filter(|standing| **standing != Standing::Left).count();
    Ok((people + 1).into())
}

pub(crate) fn administrators(call: &mut Invocation<'_>) -> Done {
    let chat = call.chat("chat_id")?;
    if chat.kind == ChatKind::Private {
        return Err(ApiError::bad("there are no administrators in the private chat"));
    }
    let admins = chat.members.iter().filter(|(_, standing)| standing.is_admin());
    let mut found: Vec<Value> =
        admins.map(|(id, standing)| member(*standing, &call.world.user_value(*id))).collect();
    if matches!(chat.bot, BotStatus::Admin(_)) {
        found.push(Chat::bot_member(chat.bot, &call.world.me.value()));
    }
    Ok(found.into())
}

pub(crate) fn remove(call: &mut Invocation<'_>) -> Done {
    set(call, Standing::Left)
}

pub(crate) fn unban(call: &mut Invocation<'_>) -> Done {
    if call.flag("only_if_banned") { Ok(true.into()) } else { set(call, Standing::Left) }
}

fn set(call: &mut Invocation<'_>, standing: Standing) -> Done {
    let chat = call.chat("chat_id")?;
    let (id, user) = (chat.id, call.int("user_id").unwrap_or_default());
    if !call.rights(id).restrict_members {
        return Err(ApiError::bad("not enough rights to restrict/unrestrict chat member"));
    }
    match chat.members.get(&user) {
        Some(Standing::Owner) => return Err(ApiError::bad("can't remove chat owner")),
        Some(Standing::Admin(_)) => {
            return Err(ApiError::bad("user is an administrator of the chat"));
        }
        Some(Standing::Member | Standing::Left) => {}
        None => return Err(ApiError::bad("PARTICIPANT_ID_INVALID")),
    }
    if let Some(entry) = call.world.chats.get_mut(&id) {
        entry.members.insert(user, standing);
    }
    Ok(true.into())
}

/// As `ChatMember`.
pub(crate) fn member(standing: Standing, user: &Value) -> Value {
    match standing {
        Standing::Owner => json!({ "status": "creator", "user": user, "is_anonymous": false }),
        Standing::Admin(rights) => rights.member(user),
        Standing::Member => json!({ "status": "member", "user": user }),
        Standing::Left => json!({ "status": "left", "user": user }),
    }
}
