//! Names that are not in the documentation are refused.

use serde_json::json;
use telegram_simulator::Content;

use super::{ada, call, done, refused, start};

#[tokio::test]
async fn every_method_of_the_bot_api_answers() {
    let simulator = start().await;
    let fixture = include_str!("../../src/spec/botapi.txt");
    let methods: Vec<&str> =
        fixture.lines().filter_map(|line| line.strip_prefix("method ")).collect();
    assert_eq!(methods.len(), 185);
    for method in methods {
        let answer = call(&simulator, method, json!({ "nonsense": 1 })).await;
        assert_eq!(answer["ok"], false, "{method}");
        let wanted = format!("Bad Request: parameter \"nonsense\" is unknown to {method}");
        assert_eq!(answer["description"], wanted.as_str());
    }
}

#[tokio::test]
async fn an_unknown_method_and_an_unknown_token_differ() {
    let simulator = start().await;
    let answer = call(&simulator, "sendMesage", json!({})).await;
    assert_eq!(answer, json!({"ok": false, "error_code": 404, "description": "Not Found"}));
    let wrong = reqwest::get(format!("{}/bot1:x/getMe", simulator.url())).await.unwrap();
    assert_eq!(wrong.status(), 401);
    let known = call(&simulator, "getStarTransactions", json!({})).await;
    assert_eq!(known["error_code"], 501);
    let alone = json!({ "receiver_user_id": 77 });
    let message = json!({ "chat_id": 77, "text": "x", "ephemeral_message_parameters": alone });
    assert_eq!(call(&simulator, "sendMessage", message).await["error_code"], 501);
}

#[tokio::test]
async fn parameters_are_read_from_query_form_and_multipart() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.starts();
    let base = format!("{}/bot{}/SENDMESSAGE", simulator.url(), simulator.token());
    let client = reqwest::Client::new();
    let query = client.get(format!("{base}?chat_id=77&text=query%20text"));
    let form = client
        .post(&base)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("chat_id=77&text=form&reply_markup=%7B%22remove_keyboard%22%3Atrue%7D");
    let multipart =
        client.post(&base).header("Content-Type", "multipart/form-data; boundary=B").body(
            "--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n77\r\n\
         --B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nmulti\r\n--B--\r\n",
        );
    for request in [query, form, multipart] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
    assert_eq!(user.reads(), ["query text", "form", "multi"]);
}

#[tokio::test]
async fn lengths_and_mark_up_are_checked() {
    let simulator = start().await;
    simulator.user(ada()).starts();
    let long = "x".repeat(4097);
    for (method, parameters, wanted) in [
        ("sendMessage", json!({"chat_id": 77, "text": ""}), "message text is empty"),
        ("sendMessage", json!({"chat_id": 77, "text": long}), "message is too long"),
        (
            "sendMessage",
            json!({"chat_id": 77, "text": "<b>x", "parse_mode": "HTML"}),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendPhoto",
            json!({"chat_id": 77, "photo": "https://a/b.jpg", "caption": "x".repeat(1025)}),
            "message caption is too long",
        ),
        (
            "sendMessage",
            json!({"chat_id": 77, "text": "x", "reply_markup":
                   {"inline_keyboard": [[{"text": "a", "callback_data": "x".repeat(65)}]]}}),
            "BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            json!({"chat_id": 77, "text": "x", "entities": [{"type": "bold", "offset": "0", "length": 1}]}),
            "parameter \"entities.0.offset\" must be an Integer",
        ),
        ("sendMessage", json!({"chat_id": 78, "text": "x"}), "chat not found"),
        (
            "sendPhoto",
            json!({"chat_id": 77, "photo": "nope"}),
            "wrong file identifier/HTTP URL specified",
        ),
    ] {
        let why = refused(&simulator, method, parameters).await;
        assert_eq!(why, format!("Bad Request: {wanted}"));
    }
    done(&simulator, "sendMessage", json!({"chat_id": 77, "text": "x".repeat(4096)})).await;
}

#[tokio::test]
async fn a_token_and_a_path_may_be_percent_encoded() {
    let simulator = start().await;
    simulator.user(ada()).sends(Content::photo("a-photo"));
    let file = done(&simulator, "getFile", json!({ "file_id": "a-photo" })).await;
    let path = file["file_path"].as_str().unwrap().replace('/', "%2f");
    let token = simulator.token().replace(':', "%3A");
    let get = async |path: String| {
        reqwest::get(format!("{}/{path}", simulator.url())).await.unwrap().text().await.unwrap()
    };
    assert_eq!(get(format!("file/bot{token}/{path}")).await, "a-photo");
    assert!(get(format!("bot{token}/getMe")).await.contains("\"ok\":true"));
    assert!(get(format!("bot{token}%/getMe")).await.contains("Unauthorized"));
}
