//! Methods that only answer, or only remember.

use serde_json::{Map, Value, json};

use super::call::Invocation;
use crate::{error::ApiError, world::Rights};

type Done = Result<Value, ApiError>;

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn get_me(call: &Invocation<'_>) -> Value {
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

pub(super) fn send_chat_action(call: &mut Invocation<'_>) -> Done {
    let action = call.str("action").unwrap_or_default();
    if !ACTIONS.contains(&action) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    call.destination()?;
    Ok(true.into())
}

pub(super) fn get_file(call: &mut Invocation<'_>) -> Done {
    let id = call.str("file_id").unwrap_or_default();
    let Some(file) = call.world.files.get(id) else {
        return Err(ApiError::bad("invalid file_id"));
    };
    let value = file.value.as_array().and_then(|sizes| sizes.last()).unwrap_or(&file.value);
    if value["file_size"].as_i64().is_some_and(|size| size > 20 * 1024 * 1024) {
        return Err(ApiError::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id, "file_unique_id": value["file_unique_id"], "file_size": value["file_size"],
        "file_path": format!("{}s/{id}", file.kind),
    }))
}

pub(super) fn get_user_profile_photos(call: &mut Invocation<'_>) -> Done {
    let user = call.int("user_id").unwrap_or_default();
    if call.world.users.contains_key(&user) {
        Ok(json!({ "total_count": 0, "photos": [] }))
    } else {
        Err(ApiError::bad("user not found"))
    }
}

/// Remembers what the bot says of itself, under what and in which language it said it.
pub(super) fn set_profile(call: &mut Invocation<'_>) -> Value {
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

pub(super) fn get_profile(call: &mut Invocation<'_>) -> Value {
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
