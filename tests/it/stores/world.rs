//! The simulated Telegram that belongs to a store: noted beside the store, and made again for a test.
//!
//! The store names users, topics, messages and updates by their numbers. So what stands in the chats is written once
//! more in the order of its numbers, and gaps are filled.

use serde_json::{Value, json};
use telegram_simulator::{Content, Group, Operator, SeenMessage, Simulator};

use super::PEOPLE;
use crate::harness::{OWNER, spec};

/// Notes what is in the chats, and which update was the last.
pub(super) fn note(telegram: &Simulator, group: &Group) -> Value {
    let topics: Vec<Value> = group
        .topics()
        .into_iter()
        .filter(|topic| !topic.deleted)
        .map(|topic| json!({ "id": topic.id, "name": topic.name, "closed": topic.closed }))
        .collect();
    let everybody = PEOPLE.into_iter().chain([(OWNER, "Owner")]);
    let chats = everybody.flat_map(|(id, name)| {
        let chat = telegram.user(spec(id, name, "en")).chat();
        chat.into_iter().map(move |message| (id, message))
    });
    let mut private: Vec<(i64, SeenMessage)> = chats.collect();
    private.sort_by_key(|(_, message)| message.id);
    json!({
        "last_update": telegram.push_update(json!({})),
        "topics": topics,
        "group": group.everything().iter().map(|seen| written(group.id(), seen)).collect::<Vec<_>>(),
        "private": private.iter().map(|(chat, seen)| written(*chat, seen)).collect::<Vec<_>>(),
    })
}

fn written(chat: i64, seen: &SeenMessage) -> Value {
    let buttons: Vec<Value> = seen
        .all_buttons()
        .filter_map(|button| Some(json!([button.text, button.data.as_ref()?])))
        .collect();
    json!({
        "chat": chat, "id": seen.id, "topic": seen.topic, "bot": seen.from_bot, "kind": seen.kind,
        "text": seen.text, "album": seen.media_group_id, "buttons": buttons,
    })
}

/// Makes the chats of a note in a Telegram that has only the group, its operator and the owner.
pub(super) async fn restore(
    noted: &Value,
    telegram: &Simulator,
    group: &Group,
    operator: &Operator,
) {
    let owner = telegram.user(spec(OWNER, "Owner", "en"));
    let part = |name: &str| noted[name].as_array().unwrap();
    let mut last = group.everything().last().map_or(1, |message| message.id);
    for message in part("group") {
        let id = message["id"].as_i64().unwrap();
        while last + 1 < id {
            last = operator.writes_in_general("-");
        }
        last = in_group(message, part("topics"), telegram, group, operator).await;
        assert_eq!(last, id, "{message}");
    }
    last = owner.chat().last().unwrap().id;
    let there = last;
    for message in part("private") {
        let id = message["id"].as_i64().unwrap();
        if id <= there {
            continue;
        }
        while last + 1 < id {
            last = owner.writes("-");
        }
        last = in_private(message, telegram).await;
        assert_eq!(last, id, "{message}");
    }
    for topic in part("topics").iter().filter(|topic| topic["closed"] == true) {
        operator.closes(topic["id"].as_i64().unwrap());
    }
    while telegram.push_update(json!({})) < noted["last_update"].as_i64().unwrap() {}
    call(telegram, "deleteWebhook", json!({ "drop_pending_updates": true })).await;
}

/// Writes a message of the group once more; returns its number.
async fn in_group(
    message: &Value,
    topics: &[Value],
    telegram: &Simulator,
    group: &Group,
    operator: &Operator,
) -> i64 {
    let topic = message["topic"].as_i64();
    if message["kind"] == "forum_topic_created" {
        // The service message has the number of its topic. A topic that was deleted is not made again.
        if let Some(topic) = topics.iter().find(|topic| topic["id"] == message["id"]) {
            let asked = json!({ "chat_id": group.id(), "name": topic["name"] });
            let made = call(telegram, "createForumTopic", asked).await;
            return made["message_thread_id"].as_i64().unwrap();
        }
    }
    let service = ["forum_topic_", "pinned_message"];
    if service.iter().any(|kind| message["kind"].as_str().unwrap().starts_with(kind)) {
        return operator.writes_in_general("-");
    }
    let lives = topics.iter().any(|known| known["id"] == message["topic"]);
    match (topic.filter(|_| lives), message["bot"] == true) {
        (topic, true) => send(message, group.id(), topic, telegram).await,
        (Some(topic), false) => operator.sends_in(topic, content(message)),
        (None, false) => operator.sends_in_general(content(message)),
    }
}

/// Writes a message of a private chat once more; returns its number.
async fn in_private(message: &Value, telegram: &Simulator) -> i64 {
    let chat = message["chat"].as_i64().unwrap();
    if message["bot"] == true {
        return send(message, chat, None, telegram).await;
    }
    let name = PEOPLE.iter().find(|(id, _)| *id == chat).map_or("Owner", |(_, name)| *name);
    let person = telegram.user(spec(chat, name, "en"));
    match message["album"].as_str() {
        Some(album) => person.sends_late(album, content(message)),
        None => person.sends(content(message)),
    }
}

fn content(message: &Value) -> Content {
    match message["kind"].as_str().unwrap() {
        "photo" => Content::photo("a-photo"),
        kind => Content::text(message["text"].as_str().unwrap_or(kind)),
    }
}

/// Sends a message as the bot.
async fn send(message: &Value, chat: i64, topic: Option<i64>, telegram: &Simulator) -> i64 {
    let words = message["text"].as_str().unwrap_or("something");
    let mut asked = json!({ "chat_id": chat, "text": words });
    if let Some(topic) = topic {
        asked["message_thread_id"] = topic.into();
    }
    let buttons = message["buttons"].as_array().unwrap();
    if !buttons.is_empty() {
        let button = |button: &Value| json!([{ "text": button[0], "callback_data": button[1] }]);
        let rows: Vec<Value> = buttons.iter().map(button).collect();
        asked["reply_markup"] = json!({ "inline_keyboard": rows });
    }
    call(telegram, "sendMessage", asked).await["message_id"].as_i64().unwrap()
}

async fn call(telegram: &Simulator, method: &str, parameters: Value) -> Value {
    let url = format!("{}/bot{}/{method}", telegram.url(), telegram.token());
    let request = reqwest::Client::builder().no_proxy().build().unwrap().post(url);
    let request = request.header("Content-Type", "application/json").body(parameters.to_string());
    let answer = request.send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["ok"], true, "{method} {parameters}: {answer}");
    answer["result"].clone()
}
