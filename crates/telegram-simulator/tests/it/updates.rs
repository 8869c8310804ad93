//! Polling and webhooks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use serde_json::{Value, json};
use telegram_simulator::{Limits, Options, Simulator, UserSpec};

use super::{ada, call, done, refused, start};

#[tokio::test]
async fn an_offset_confirms_and_a_negative_one_forgets() {
    let simulator = start().await;
    let user = simulator.user(ada());
    for text in ["a", "b", "c", "d"] {
        user.writes(text);
    }
    let texts = |found: &Value| -> Vec<String> {
        let found = found.as_array().unwrap().iter();
        found.map(|update| update["message"]["text"].as_str().unwrap().to_owned()).collect()
    };
    let first = done(&simulator, "getUpdates", json!({"limit": 2})).await;
    assert_eq!(texts(&first), ["a", "b"]);
    assert_eq!(simulator.pending_updates(), 4);
    let next = first[0]["update_id"].as_i64().unwrap() + 1;
    assert_eq!(
        texts(&done(&simulator, "getUpdates", json!({"offset": next})).await),
        ["b", "c", "d"]
    );
    assert_eq!(texts(&done(&simulator, "getUpdates", json!({"offset": -1})).await), ["d"]);
    assert_eq!(simulator.pending_updates(), 1);
    simulator.advance(Duration::from_hours(24));
    assert_eq!(done(&simulator, "getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn a_long_poll_wakes_up_and_the_older_of_two_is_refused() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let older = call(&simulator, "getUpdates", json!({"timeout": 10}));
    let newer = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        call(&simulator, "getUpdates", json!({"timeout": 10})).await
    };
    let write = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        user.writes("hi");
    };
    let (older, newer, ()) = tokio::join!(older, newer, write);
    assert_eq!(older["error_code"], 409);
    assert!(
        older["description"]
            .as_str()
            .unwrap()
            .starts_with("Conflict: terminated by other getUpdates")
    );
    assert_eq!(newer["result"][0]["message"]["text"], "hi");
}

#[tokio::test]
async fn updates_are_sent_only_if_their_kind_is_allowed() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let id = user.writes("hi");
    user.reacts(id, Some("👍"));
    assert_eq!(simulator.pending_updates(), 1);
    done(&simulator, "getUpdates", json!({"allowed_updates": ["message_reaction"]})).await;
    user.reacts(id, None);
    user.writes("not seen");
    assert_eq!(simulator.pending_updates(), 2);
    simulator.push_raw("\"nonsense\"");
    let pushed = simulator.push_update(json!({"hologram": 1}));
    let found = done(&simulator, "getUpdates", json!({})).await;
    assert_eq!(found[2], "nonsense");
    assert_eq!(found[3], json!({"update_id": pushed, "hologram": 1}));
}

type Seen = Arc<Mutex<Vec<(String, i64, String)>>>;

/// Refuses the first delivery of each text that starts with `!`.
async fn hook(State(seen): State<Seen>, headers: HeaderMap, body: String) -> StatusCode {
    let update: Value = serde_json::from_str(&body).unwrap();
    let text = update["message"]["text"].as_str().unwrap().to_owned();
    let secret = headers["X-Telegram-Bot-Api-Secret-Token"].to_str().unwrap().to_owned();
    let mut seen = seen.lock().unwrap();
    let first = !seen.iter().any(|(_, _, other)| *other == text);
    seen.push((secret, update["message"]["chat"]["id"].as_i64().unwrap(), text.clone()));
    if first && text.starts_with('!') { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

#[tokio::test]
async fn a_webhook_is_called_in_order_within_a_chat_and_again_after_a_failure() {
    let options = Options { limits: Limits::off(), webhook_pace: 0.1, ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(hook)).with_state(Arc::clone(&seen));
    let server = async { axum::serve(listener, router).await.unwrap() };
    let story = async {
        let (ada, bob) =
            (simulator.user(ada()), simulator.user(UserSpec::named("Bob").with_id(78)));
        ada.writes("before");
        done(&simulator, "setWebhook", json!({"url": url, "secret_token": "s3cret"})).await;
        let why = refused(&simulator, "getUpdates", json!({})).await;
        assert!(why.contains("can't use getUpdates method while webhook is active"), "{why}");
        ada.writes("!one");
        ada.writes("two");
        bob.writes("other");
        for _ in 0..200 {
            if simulator.pending_updates() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let info = done(&simulator, "getWebhookInfo", json!({})).await;
        assert_eq!(info["pending_update_count"], 0);
        assert_eq!(
            info["last_error_message"],
            "Wrong response from the webhook: 503 Service Unavailable"
        );
        done(&simulator, "deleteWebhook", json!({})).await;
        ada.writes("after");
        assert_eq!(done(&simulator, "getUpdates", json!({})).await[0]["message"]["text"], "after");
    };
    tokio::select! { () = server => {}, () = story => {} }
    let seen = seen.lock().unwrap();
    let of_ada: Vec<&str> =
        seen.iter().filter(|(_, chat, _)| *chat == 77).map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(of_ada, ["before", "!one", "!one", "two"]);
    assert!(seen.iter().all(|(secret, _, _)| secret == "s3cret"));
}
