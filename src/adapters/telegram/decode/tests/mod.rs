//! Decodes updates of every kind, written as Telegram writes them.

mod rare_parts;
mod contents;
mod events;
mod fields;
mod senders;

use serde_json::{Value, json};

use super::*;
use domain::{Content, GroupKey, StaffAct, StaffEvent, UserAct, UserEvent};

const STAFF: ChatId = ChatId(-100_500);
const FIRST: GroupKey = GroupKey::FIRST;

fn groups() -> GroupChats {
    GroupChats::of_one(STAFF)
}

fn decoder() -> TelegramDecoder {
    let roles = Roles { owner: UserId(8), administrators: vec![UserId(9)] };
    TelegramDecoder::new(BotProfile { id: UserId(99), username: "Support_Bot".to_owned() }, roles)
}

fn decode(update: &Value) -> Event {
    decoder().decode(&update.to_string(), &groups()).unwrap().event
}

fn merged(mut message: Value, extra: Value) -> Value {
    let extra = extra.as_object().unwrap().clone();
    message.as_object_mut().unwrap().extend(extra);
    message
}

/// A message from Ada in her private chat.
fn from_user(extra: Value) -> Value {
    let ada = json!({"id": 7, "is_bot": false, "first_name": "Ada", "last_name": "Lovelace",
        "username": "ada", "language_code": "en-GB"});
    merged(
        json!({"message_id": 41, "from": ada, "date": 1_700_000_000,
            "chat": {"id": 7, "type": "private", "first_name": "Ada"}}),
        extra,
    )
}

/// A message from an operator in topic 5.
fn from_operator(extra: Value) -> Value {
    merged(
        json!({"message_id": 81, "message_thread_id": 5, "is_topic_message": true,
            "from": {"id": 3, "is_bot": false, "first_name": "Olga"}, "date": 1_700_000_000,
            "chat": {"id": STAFF.0, "type": "supergroup", "is_forum": true, "title": "Desk"},
            "reply_to_message": {"message_id": 5, "message_thread_id": 5, "date": 1, "chat": {"id": STAFF.0},
                "forum_topic_created": {"name": "Ada", "icon_color": 1}}}),
        extra,
    )
}

fn update(kind: &str, value: Value) -> Value {
    json!({"update_id": 1000, kind: value})
}

fn user_act(kind: &str, message: Value) -> UserAct {
    match decode(&update(kind, message)) {
        Event::User(UserEvent { user: UserId(7), act, .. }) => act,
        other => panic!("not Ada's: {other:?}"),
    }
}

fn staff_act(kind: &str, message: Value) -> StaffAct {
    match decode(&update(kind, message)) {
        Event::Staff(StaffEvent { topic: Some(_), act, .. }) => act,
        other => panic!("not an operator's in a topic: {other:?}"),
    }
}

fn user_content(extra: Value) -> Content {
    match user_act("message", from_user(extra)) {
        UserAct::Wrote(content) => content,
        other => panic!("not written: {other:?}"),
    }
}

fn edited_content(extra: Value) -> Content {
    match user_act("edited_message", from_user(extra)) {
        UserAct::Edited(content) => content,
        other => panic!("not edited: {other:?}"),
    }
}

fn staff_content(extra: Value) -> Content {
    match staff_act("message", from_operator(extra)) {
        StaffAct::Wrote(content) => content,
        other => panic!("not written: {other:?}"),
    }
}
