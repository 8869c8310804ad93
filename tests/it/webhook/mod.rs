//! The webhook: the real desk, with requests from the simulated Telegram and from strangers.

mod caddy;
mod probe;
pub(crate) mod proxy;
mod requests;
mod server;
mod delivery;
mod telegram;
mod tls;

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use telegram_simulator::{Limits, Options};

use crate::harness::Desk;

/// The header in which Telegram sends the secret.
const HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
const SECRET: &str = "a-secret_of_the_tests_own";

/// A Telegram that repeats updates soon.
fn fast_retries() -> Options {
    Options { limits: Limits::off(), webhook_pace: 0.05, ..Options::default() }
}

/// A desk with a webhook, and its address.
async fn desk_with_webhook(settings: &[(&str, &str)]) -> (Desk, String) {
    let mut desk = Desk::closed_with(fast_retries(), settings).await;
    desk.set("WEBHOOK_SECRET", SECRET);
    let url = desk.set_webhook();
    desk.open().await;
    desk.settle().await;
    (desk, url)
}

fn request(method: Method, url: &str) -> RequestBuilder {
    let client = Client::builder().no_proxy().build().unwrap();
    client.request(method, url).timeout(Duration::from_secs(30))
}

/// Pushes an update; returns the status of the answer.
async fn pushes(url: &str, secret: &str, body: impl Into<reqwest::Body>) -> u16 {
    let request = request(Method::POST, url).header(HEADER, secret).body(body);
    request.send().await.unwrap().status().as_u16()
}

/// Number of requests with this outcome.
fn count(desk: &Desk, outcome: &str) -> u64 {
    let counted =
        desk.metric(&format!("supportbot_webhook_requests_total{{outcome=\"{outcome}\"}}"));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
    return counted as u64;
}

/// A message of Ada's as Telegram pushes it.
fn message(update: i64, text: &str) -> String {
    let ada = r#"{"id":1001,"is_bot":false,"first_name":"Ada","language_code":"en"}"#;
    format!(
        r#"{{"update_id":{update},"message":{{"message_id":{update},"date":1700000000,"from":{ada},"chat":{{"id":1001,"type":"private","first_name":"Ada"}},"text":"{text}"}}}}"#
    )
}
