//! The simulator over HTTP, as a bot uses it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::time::Duration;

use serde_json::{Value, json};
use telegram_simulator::{Limits, Options, Simulator, UserSpec};

mod content;
mod control;
mod faults;
mod groups;
mod limits;
mod records;
mod speed;
mod strictness;
mod teloxide;
mod topics;
mod updates;

/// A simulator without limits.
async fn start() -> Simulator {
    Simulator::start(Options { limits: Limits::off(), ..Options::default() }).await.unwrap()
}

/// Calls a method and returns the whole envelope.
async fn call(simulator: &Simulator, method: &str, parameters: Value) -> Value {
    let url = format!("{}/bot{}/{method}", simulator.url(), simulator.token());
    let body = parameters.to_string();
    let request =
        reqwest::Client::new().post(url).header("Content-Type", "application/json").body(body);
    let answer = request.timeout(Duration::from_secs(20)).send().await.unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// Calls a method that must succeed and returns its result.
async fn done(simulator: &Simulator, method: &str, parameters: Value) -> Value {
    let mut answer = call(simulator, method, parameters).await;
    assert_eq!(answer["ok"], true, "{method}: {answer}");
    answer["result"].take()
}

/// Calls a method that must be refused and returns the description.
async fn refused(simulator: &Simulator, method: &str, parameters: Value) -> String {
    let answer = call(simulator, method, parameters).await;
    assert_eq!(answer["ok"], false, "{method}: {answer}");
    answer["description"].as_str().unwrap().to_owned()
}

/// Receives all waiting updates and confirms them.
async fn updates(simulator: &Simulator) -> Vec<Value> {
    let kinds = json!([
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "my_chat_member"
    ]);
    let found = done(simulator, "getUpdates", json!({ "allowed_updates": kinds })).await;
    let found = found.as_array().unwrap().clone();
    if let Some(last) = found.last() {
        let next = last["update_id"].as_i64().unwrap() + 1;
        done(simulator, "getUpdates", json!({ "offset": next })).await;
    }
    found
}

fn ada() -> UserSpec {
    UserSpec::named("Ada").with_id(77)
}
