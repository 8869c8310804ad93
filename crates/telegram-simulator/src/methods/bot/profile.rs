//! The bot's profile: `getMe`, names, descriptions, menu button and default rights.

use serde_json::{Map, Value, json};

use crate::{methods::call::Invocation, world::Rights};

pub(crate) fn me(call: &Invocation<'_>) -> Value {
    let mut me = call.world.me.value();
    for (flag, value) in [
        ("can_join_groups", true),
        ("can_read_all_group_messages", call.world.reads_groups),
        ("supports_inline_queries", false),
        ("supports_guest_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
        ("has_topics_enabled", call.world.private_topics),
        ("allows_users_to_create_topics", call.world.private_topics),
        ("can_manage_bots", false),
    ] {
        me[flag] = value.into();
    }
    me
}

/// Stores a part of the profile, by its kind, its language and its chat.
pub(crate) fn set(call: &mut Invocation<'_>) -> Value {
    let key = profile_key(call);
    let kept: Map<String, Value> = call
        .parameters
        .iter()
        .filter(|(name, _)| *name != "language_code")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    call.world.profile.insert(key, kept.into());
    true.into()
}

pub(crate) fn get(call: &mut Invocation<'_>) -> Value {
    let kept = call.world.profile.get(&profile_key(call)).cloned();
    match call.method {
        "getMyName" => kept.unwrap_or_else(|| json!({ "name": call.world.me.first_name })),
        "getMyDescription" => kept.unwrap_or_else(|| json!({ "description": "" })),
        "getMyShortDescription" => kept.unwrap_or_else(|| json!({ "short_description": "" })),
        "getChatMenuButton" => kept
            .and_then(|kept| kept.get("menu_button").cloned())
            .unwrap_or_else(|| json!({ "type": "commands" })),
        _ => kept
            .and_then(|kept| kept.get("rights").cloned())
            .unwrap_or_else(|| Rights::none().fields()),
    }
}

fn profile_key(call: &Invocation<'_>) -> String {
    let subject = call.method.trim_start_matches("get").trim_start_matches("set");
    let chat = call.int("chat_id").map(|id| id.to_string()).unwrap_or_default();
    format!("{subject}/{}{chat}", call.str("language_code").unwrap_or_default())
}
