//! The control API: who may use it, and that what is done over it is what the actors do.

use serde_json::{Value, json};
use telegram_simulator::{Control, Limits, Options, Simulator};

use super::{call, done, updates};

async fn controlled() -> Simulator {
    let control = Control::ThisMachine;
    let options = Options { limits: Limits::off(), control, ..Options::default() };
    Simulator::start(options).await.unwrap()
}

async fn ask(simulator: &Simulator, method: &str, path: &str, body: Value) -> (u16, Value) {
    let method = method.parse().unwrap();
    let url = format!("{}/control/{path}", simulator.url());
    let mut request = reqwest::Client::new().request(method, url);
    if !body.is_null() {
        request = request.body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

async fn get(simulator: &Simulator, path: &str) -> Value {
    let (status, answer) = ask(simulator, "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn post(simulator: &Simulator, path: &str, body: Value) -> Value {
    let (status, answer) = ask(simulator, "POST", path, body).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

#[tokio::test]
async fn a_person_writes_edits_reacts_presses_and_blocks() {
    let simulator = controlled().await;
    let ada = post(&simulator, "users", json!({ "first_name": "Ada", "id": 77 })).await;
    assert_eq!(ada["id"], 77);
    let sent = post(&simulator, "chats/77/send", json!({ "text": "/start" })).await;
    let asked = sent["message"].as_i64().unwrap();
    let keyboard = json!({ "inline_keyboard": [[{ "text": "More", "callback_data": "more" }]] });
    let text = json!({ "chat_id": 77, "text": "Hello", "reply_markup": keyboard });
    let hello = done(&simulator, "sendMessage", text).await["message_id"].as_i64().unwrap();
    let seen = get(&simulator, "chats/77/messages").await;
    assert_eq!(seen[0]["text"], "/start");
    assert_eq!(seen[1]["buttons"], json!([[{ "text": "More", "data": "more" }]]));
    assert_eq!(seen[1]["from_bot"], true);

    post(&simulator, "chats/77/edit", json!({ "message": asked, "text": "Hi" })).await;
    post(&simulator, "chats/77/react", json!({ "message": hello, "emoji": "👍" })).await;
    let pressed = json!({ "message": hello, "data": "more" });
    assert!(post(&simulator, "chats/77/press", pressed).await["callback_query"].is_string());
    let album = json!([{ "photo": "a", "caption": "both" }, { "photo": "b" }]);
    let album = post(&simulator, "chats/77/send", json!({ "album": album })).await;
    assert_eq!(album["messages"].as_array().unwrap().len(), 2);
    post(&simulator, "chats/77/block", json!({})).await;
    let kinds = ["message", "edited_message", "callback_query", "my_chat_member"];
    let allowed = json!({ "allowed_updates": kinds });
    done(&simulator, "getUpdates", allowed).await;
    let told = updates(&simulator).await;
    for (kind, count) in kinds.iter().zip([3, 1, 1, 1]) {
        assert_eq!(
            told.iter().filter(|update| update.get(kind).is_some()).count(),
            count,
            "{kind}"
        );
    }
    let chats = get(&simulator, "chats").await;
    assert_eq!(chats[0]["bot"], "blocked");
}

#[tokio::test]
async fn an_operator_works_in_topics_of_a_forum() {
    let simulator = controlled().await;
    let group = post(&simulator, "groups", json!({ "title": "Team", "forum": true })).await;
    let chat = group["id"].as_i64().unwrap();
    let at = |act: &str| format!("chats/{chat}/{act}");
    let olga = post(&simulator, &at("join"), json!({ "first_name": "Olga" })).await["id"].clone();
    let created = json!({ "chat_id": chat, "name": "Ada" });
    let topic = done(&simulator, "createForumTopic", created).await["message_thread_id"].clone();
    let text = json!({ "chat_id": chat, "message_thread_id": topic, "text": "Card" });
    let card = done(&simulator, "sendMessage", text).await["message_id"].clone();
    let answer = json!({ "user": olga, "topic": topic, "reply_to": card, "text": "On it" });
    post(&simulator, &at("send"), answer).await;
    post(&simulator, &at("close_topic"), json!({ "user": olga, "topic": topic })).await;
    let topics = get(&simulator, &at("topics")).await;
    assert_eq!(topics, json!([{ "id": topic, "name": "Ada", "closed": true, "deleted": false }]));
    let seen = get(&simulator, &at(&format!("messages?topic={topic}"))).await;
    let answer = seen.as_array().unwrap().iter().find(|seen| seen["text"] == "On it").unwrap();
    assert_eq!(answer["reply_to"], card);
}

#[tokio::test]
async fn a_group_loses_its_bot_migrates_and_is_deleted() {
    let simulator = controlled().await;
    let group = post(&simulator, "groups", json!({ "title": "Team", "forum": true })).await;
    let old = group["id"].as_i64().unwrap();
    let created = json!({ "chat_id": old, "name": "Ada" });
    let topic = done(&simulator, "createForumTopic", created).await["message_thread_id"].clone();
    let status = async |chat: i64| {
        let chats = get(&simulator, "chats").await;
        let mut chats = chats.as_array().unwrap().iter();
        chats.find(|found| found["id"] == chat).unwrap().clone()
    };
    post(&simulator, &format!("chats/{old}/kick_bot"), json!({})).await;
    assert_eq!(status(old).await["bot"], "kicked");
    post(&simulator, &format!("chats/{old}/return_bot"), json!({})).await;
    assert_eq!(status(old).await["bot"], "administrator");
    let moved = post(&simulator, &format!("chats/{old}/migrate"), json!({ "new_ids": true })).await;
    let new = moved["id"].as_i64().unwrap();
    let topics = get(&simulator, &format!("chats/{new}/topics")).await;
    assert_eq!(topics[0]["id"].as_i64(), topic.as_i64().map(|id| id + 1));
    post(&simulator, &format!("chats/{new}/delete_group"), json!({})).await;
    assert_eq!(status(new).await["deleted"], true);
    let answer = call(&simulator, "sendMessage", json!({ "chat_id": new, "text": "x" })).await;
    assert_eq!(answer["error_code"], 403);
    for (path, body) in [
        (format!("chats/{new}/migrate"), json!({ "new": true })),
        ("chats/77/kick_bot".to_owned(), json!({})),
    ] {
        post(&simulator, "users", json!({ "first_name": "Ada", "id": 77 })).await;
        assert_eq!(ask(&simulator, "POST", &path, body).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn faults_are_set_counted_and_removed() {
    let simulator = controlled().await;
    let fault =
        json!({ "what": "throttle", "retry_after": 3, "method": "getMe", "times": "always" });
    post(&simulator, "faults", fault).await;
    let refused = call(&simulator, "getMe", json!({})).await;
    assert_eq!(refused["parameters"]["retry_after"], 3);
    assert_eq!(get(&simulator, "faults").await, json!([{ "id": 0, "struck": 1 }]));
    let (status, _) = ask(&simulator, "DELETE", "faults", Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(call(&simulator, "getMe", json!({})).await["ok"], true);
    assert_eq!(get(&simulator, "calls?method=getMe").await["counts"]["getMe"], 2);
}

#[tokio::test]
async fn misspelt_and_missing_things_are_refused() {
    let simulator = controlled().await;
    post(&simulator, "users", json!({ "first_name": "Ada", "id": 77 })).await;
    for (path, body, status) in [
        ("chats/77/send", json!({ "txt": "x" }), 400),
        ("chats/77/send", json!({ "text": "x", "silent": true }), 400),
        ("chats/77/send", json!({ "text": "x", "topic": 5 }), 404),
        ("chats/77/react", json!({ "message": 9, "emoji": "👍" }), 404),
        ("chats/78/send", json!({ "text": "x" }), 404),
        ("chats/77/dance", json!({}), 404),
        ("faults", json!({ "what": "throttle", "times": "often" }), 400),
        ("faults", json!({ "what": "error" }), 400),
    ] {
        let (found, answer) = ask(&simulator, "POST", path, body.clone()).await;
        assert_eq!(found, status, "{path} {body}: {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    assert_eq!(get(&simulator, "chats/77/messages").await, json!([]), "nothing was half done");
}

#[tokio::test]
async fn the_control_api_refuses_browsers_and_is_off_by_default() {
    let simulator = controlled().await;
    let url = format!("{}/control/bot", simulator.url());
    let page = reqwest::Client::new().get(url).header("Origin", "https://example.org");
    assert_eq!(page.send().await.unwrap().status(), 403);
    let plain = Simulator::start(Options::default()).await.unwrap();
    assert_eq!(ask(&plain, "GET", "bot", Value::Null).await.0, 404);
}
