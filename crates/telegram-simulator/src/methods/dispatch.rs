//! What each method does. One file per family; this one finds the method and charges the limits.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    call::{Invocation, Uploads},
    chats, commands, copy, delete, edit, media, members, pins, reactions, send, simple, topics,
    updates,
};
use crate::{
    Shared,
    error::ApiError,
    limits::Peer,
    spec::Method,
    world::{ChatKind, World},
};

/// The result of a call, or why it was refused.
pub(crate) type Answer = Result<Reply, ApiError>;

/// What `result` holds.
#[derive(Debug)]
pub(crate) enum Reply {
    Value(Value),
    /// Text that is put there as it is: updates, which may be any text in tests.
    Raw(String),
}

impl Reply {
    /// The envelope with this in it.
    pub(crate) fn into_body(self) -> String {
        match self {
            Self::Value(value) => format!("{{\"ok\":true,\"result\":{value}}}"),
            Self::Raw(text) => format!("{{\"ok\":true,\"result\":{text}}}"),
        }
    }
}

/// Carries out a call whose parameters have been checked. `number` is the call's.
pub(crate) async fn call(
    shared: &Shared,
    method: &'static Method,
    parameters: &Arc<Map<String, Value>>,
    uploads: &Uploads,
    number: u64,
) -> Answer {
    if method.name == "getUpdates" {
        return updates::get_updates(shared, parameters).await.map(Reply::Raw);
    }
    let mut world = shared.world();
    charge(&mut world, method.name, parameters)?;
    let method = method.name;
    let mut invocation = Invocation { world: &mut world, parameters, uploads, method };
    invocation.world.under_way = Some(number);
    let done = perform(&mut invocation);
    invocation.world.under_way = None;
    done.map(Reply::Value)
}

fn perform(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    match call.method {
        "getMe" => Ok(simple::get_me(call)),
        "setWebhook" => updates::set_webhook(call),
        "deleteWebhook" => Ok(updates::delete_webhook(call)),
        "getWebhookInfo" => Ok(updates::get_webhook_info(call)),
        "logOut" | "close" => Err(ApiError::new(400, "Bad Request: the simulator's bot stays")),
        "sendMessage" => send::text(call),
        "sendRichMessage" => send::rich(call),
        "sendPhoto" => send::file(call, "photo"),
        "sendAudio" => send::file(call, "audio"),
        "sendDocument" => send::file(call, "document"),
        "sendVideo" => send::file(call, "video"),
        "sendAnimation" => send::file(call, "animation"),
        "sendVoice" => send::file(call, "voice"),
        "sendVideoNote" => send::file(call, "video_note"),
        "sendLivePhoto" => send::file(call, "live_photo"),
        "sendSticker" => send::file(call, "sticker"),
        "sendLocation" => send::location(call),
        "sendVenue" => send::venue(call),
        "sendContact" => send::contact(call),
        "sendDice" => send::dice(call),
        "sendPoll" => send::poll(call),
        "sendMediaGroup" => media::send_group(call),
        "sendChatAction" => simple::send_chat_action(call),
        "copyMessage" => copy::copy_message(call),
        "copyMessages" => copy::copy_messages(call),
        "forwardMessage" => copy::forward_message(call),
        "forwardMessages" => copy::forward_messages(call),
        "editMessageText" => edit::text(call),
        "editMessageCaption" => edit::caption(call),
        "editMessageMedia" => edit::media(call),
        "editMessageReplyMarkup" => edit::markup(call),
        "deleteMessage" => delete::one(call),
        "deleteMessages" => delete::many(call),
        "pinChatMessage" => pins::pin(call),
        "unpinChatMessage" => pins::unpin(call),
        "unpinAllChatMessages" => pins::unpin_all(call),
        "unpinAllForumTopicMessages" => pins::unpin_topic(call),
        "setMessageReaction" => reactions::set(call),
        "answerCallbackQuery" => reactions::answer_callback(call),
        "createForumTopic" => topics::create(call),
        "editForumTopic" => topics::edit(call),
        "closeForumTopic" => topics::close(call, true),
        "reopenForumTopic" => topics::close(call, false),
        "deleteForumTopic" => topics::delete(call),
        "getForumTopicIconStickers" => Ok(topics::icon_stickers()),
        "getChat" => chats::get_chat(call),
        "setChatTitle" => chats::set_title(call),
        "setChatDescription" => chats::set_description(call),
        "leaveChat" => chats::leave(call),
        "exportChatInviteLink" => chats::export_invite_link(call),
        "getChatMember" => members::get(call),
        "getChatMemberCount" => members::count(call),
        "getChatAdministrators" => members::administrators(call),
        "banChatMember" => members::remove(call),
        "unbanChatMember" => members::unban(call),
        "setMyCommands" => commands::set(call),
        "getMyCommands" => commands::get(call),
        "deleteMyCommands" => commands::delete(call),
        "getFile" => simple::get_file(call),
        "getUserProfilePhotos" => simple::get_user_profile_photos(call),
        "setMyName"
        | "setMyDescription"
        | "setMyShortDescription"
        | "setChatMenuButton"
        | "setMyDefaultAdministratorRights" => Ok(simple::set_profile(call)),
        "getMyName"
        | "getMyDescription"
        | "getMyShortDescription"
        | "getChatMenuButton"
        | "getMyDefaultAdministratorRights" => Ok(simple::get_profile(call)),
        other => Err(ApiError::not_implemented(other)),
    }
}

/// Takes what a call costs from the limits; most calls are free.
fn charge(
    world: &mut World,
    method: &str,
    parameters: &Map<String, Value>,
) -> Result<(), ApiError> {
    let counted = method.starts_with("send") && method != "sendChatAction"
        || method.starts_with("copyMessage")
        || method.starts_with("forwardMessage")
        || method.starts_with("editMessage")
        || matches!(
            method,
            "createForumTopic"
                | "editForumTopic"
                | "closeForumTopic"
                | "reopenForumTopic"
                | "deleteForumTopic"
                | "pinChatMessage"
                | "unpinChatMessage"
        );
    let Some(chat) = parameters.get("chat_id").and_then(Value::as_i64).filter(|_| counted) else {
        return Ok(());
    };
    let peer = match world.chats.get(&chat) {
        Some(place) if place.kind == ChatKind::Private => Peer::Private(chat),
        Some(_) => Peer::Group(chat),
        None => return Ok(()),
    };
    let batch =
        parameters.get("message_ids").or_else(|| parameters.get("media")).and_then(Value::as_array);
    let cost = batch.map_or(1, Vec::len).max(1);
    let now = world.now();
    let paid = parameters.get("allow_paid_broadcast").and_then(Value::as_bool) == Some(true);
    world.limiter.take(peer, cost, paid, now).map_err(ApiError::throttled)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Content, Limits, Options, Simulator, UserSpec, spec::Spec};

    /// What the documentation says a method returns, against what it returns here.
    #[tokio::test]
    async fn every_result_is_as_the_documentation_says() {
        let options = Options { limits: Limits::off(), ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        let person = simulator.user(UserSpec::named("Ada").with_id(77));
        let asked = person.sends(Content::photo("p").caption("x"));
        person.sends(Content::document("d"));
        let group = simulator.forum("Support");
        let member = group.operator(UserSpec::named("Olga")).id();
        let (forum, bot) = (group.id(), simulator.bot_id());
        let to = |more: Value| {
            let mut all = json!({ "chat_id": 77 });
            all.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
            all
        };
        let media =
            json!([{"type": "photo", "media": "p"}, {"type": "photo", "media": "https://a/b"}]);
        for (method, parameters, kind) in [
            ("getMe", json!({}), "User"),
            ("getWebhookInfo", json!({}), "WebhookInfo"),
            ("sendMessage", to(json!({"text": "hi /x"})), "Message"),
            ("sendPhoto", to(json!({"photo": "attach://f", "caption": "c"})), "Message"),
            ("sendAnimation", to(json!({"animation": "https://a/b.mp4"})), "Message"),
            ("sendAudio", to(json!({"audio": "https://a/b"})), "Message"),
            ("sendVideo", to(json!({"video": "https://a/b"})), "Message"),
            ("sendVoice", to(json!({"voice": "https://a/b"})), "Message"),
            ("sendVideoNote", to(json!({"video_note": "https://a/b"})), "Message"),
            ("sendSticker", to(json!({"sticker": "https://a/b"})), "Message"),
            ("sendDocument", to(json!({"document": "d"})), "Message"),
            ("sendLocation", to(json!({"latitude": 1.5, "longitude": 2})), "Message"),
            (
                "sendVenue",
                to(json!({"latitude": 1, "longitude": 2, "title": "a", "address": "b"})),
                "Message",
            ),
            ("sendContact", to(json!({"phone_number": "+1", "first_name": "B"})), "Message"),
            ("sendDice", to(json!({})), "Message"),
            (
                "sendPoll",
                to(json!({"question": "?", "options": [{"text": "a"}, {"text": "b"}]})),
                "Message",
            ),
            ("sendMediaGroup", to(json!({"media": media})), "Message"),
            ("sendRichMessage", to(json!({"rich_message": {"html": "x"}})), "Message"),
            ("copyMessage", to(json!({"from_chat_id": 77, "message_id": asked})), "MessageId"),
            ("copyMessages", to(json!({"from_chat_id": 77, "message_ids": [asked]})), "MessageId"),
            ("forwardMessage", to(json!({"from_chat_id": 77, "message_id": asked})), "Message"),
            (
                "forwardMessages",
                to(json!({"from_chat_id": 77, "message_ids": [asked]})),
                "MessageId",
            ),
            ("createForumTopic", json!({"chat_id": forum, "name": "x"}), "ForumTopic"),
            ("getForumTopicIconStickers", json!({}), "Sticker"),
            ("getChat", json!({"chat_id": forum}), "ChatFullInfo"),
            ("getChat", json!({"chat_id": 77}), "ChatFullInfo"),
            ("getChatMember", json!({"chat_id": forum, "user_id": bot}), "ChatMember"),
            ("getChatMember", json!({"chat_id": forum, "user_id": member}), "ChatMember"),
            ("getChatAdministrators", json!({"chat_id": forum}), "ChatMember"),
            ("getFile", json!({"file_id": "p"}), "File"),
            ("getUserProfilePhotos", json!({"user_id": 77}), "UserProfilePhotos"),
            ("getMyName", json!({}), "BotName"),
            ("getChatMenuButton", json!({}), "MenuButton"),
            ("getMyDefaultAdministratorRights", json!({}), "ChatAdministratorRights"),
        ] {
            let spec = Spec::get();
            let described = spec.method(method).unwrap();
            let Value::Object(mut parameters) = parameters else { panic!("{method}") };
            spec.check(described, &mut parameters).unwrap();
            let mut world = simulator.world();
            let (uploads, method) = (&Uploads::new(), described.name);
            let mut call =
                Invocation { world: &mut world, parameters: &parameters, uploads, method };
            let result = perform(&mut call).unwrap();
            let items = result.as_array().cloned().unwrap_or_else(|| vec![result]);
            assert!(!items.is_empty(), "{method}");
            for item in items {
                let verdict = spec.check_type(kind, &item);
                assert!(verdict.is_ok(), "{method}: {}: {item}", verdict.unwrap_err());
            }
        }
    }
}
