//! The webhook's settings at Telegram, and Telegram's report about it.

use std::time::Duration;

use serde_json::{Value, json};
use telegram_simulator::{Fault, Matcher, What};

use super::{desk_with_webhook, fast_retries};
use crate::harness::{Desk, program::get};

/// Calls a method of Telegram as another program would.
async fn calls(desk: &Desk, call: &str) {
    let url = format!("{}/bot{}/{call}", desk.telegram.url(), desk.telegram.token());
    assert_eq!(get(&url).await.0, 200, "{call}");
}

/// The parameters of the last `setWebhook`.
fn last_set(desk: &Desk) -> serde_json::Map<String, Value> {
    let calls = desk.telegram.calls().recent;
    let set = calls.into_iter().rev().find(|call| call.method == "setWebhook").unwrap();
    serde_json::from_value(json!(*set.parameters)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn set_webhook_has_the_update_types_the_secret_and_the_connection_limit() {
    let (desk, url) = desk_with_webhook(&[("WEBHOOK_MAX_CONNECTIONS", "7")]).await;
    let set = last_set(&desk);
    let kinds =
        ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"];
    assert_eq!(set["url"], url);
    assert_eq!(set["max_connections"], 7);
    assert_eq!(set["allowed_updates"], json!(kinds));
    assert!(!set.contains_key("drop_pending_updates") && !set.contains_key("certificate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_certificate_is_uploaded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("public.pem");
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    std::fs::write(&file, pem).unwrap();
    let (desk, url) = desk_with_webhook(&[("WEBHOOK_CERTIFICATE", file.to_str().unwrap())]).await;
    let set = last_set(&desk);
    assert_eq!((&set["url"], &set["certificate"]), (&json!(url), &json!("attach://certificate")));
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_updates_are_dropped_only_if_configured() {
    let mut desk = Desk::closed_with(fast_retries(), &[("WEBHOOK_DROP_PENDING", "true")]).await;
    desk.set_webhook();
    desk.user(1001, "Ada").writes("thrown away");
    desk.open().await;
    assert_eq!(last_set(&desk)["drop_pending_updates"], true);
    desk.user(1002, "Bob").writes("kept");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_another_program_has_set_is_restored_and_counted() {
    let (desk, url) = desk_with_webhook(&[]).await;
    for theft in ["setWebhook?url=http://127.0.0.1:1/", "deleteWebhook"] {
        let before = desk.metric("supportbot_webhook_put_right_total");
        calls(&desk, theft).await;
        desk.user(1001, "Ada").writes(theft);
        let right = || desk.telegram.webhook().is_some_and(|webhook| webhook.url == url);
        desk.until("the webhook is restored", right).await;
        desk.settle().await;
        assert!(desk.metric("supportbot_webhook_put_right_total") > before);
    }
    assert_eq!(desk.relayed_texts(desk.topic()).len(), 2, "nothing was lost");
    let ours = || desk.metric("supportbot_webhook_ours") > 0.5;
    desk.until("the metric shows the webhook as the desk's", ours).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_address_with_another_secret_is_restored() {
    let (desk, url) = desk_with_webhook(&[]).await;
    desk.user(1001, "Ada").writes("before");
    desk.settle().await;
    let looked = || desk.telegram.calls().count("getWebhookInfo") > 2;
    desk.until("the desk has looked", looked).await;
    calls(&desk, &format!("setWebhook?url={url}&secret_token=of-somebody-else")).await;
    desk.user(1001, "Ada").writes("after");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["before", "after"]);
    assert!(desk.metric("supportbot_webhook_put_right_total") > 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_telegram_refuses_fails_the_start() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    desk.set_webhook();
    let description = "Bad Request: bad webhook: Failed to resolve host: Name or service not known";
    let what = What::Error { code: 400, description: description.to_owned() };
    let refusal = desk.telegram.inject(Fault::always(Matcher::method("setWebhook"), what));
    let error = desk.start_error().await;
    assert!(error.contains("resolve host") && error.contains("WEBHOOK_URL"), "{error}");
    refusal.remove();
    desk.open().await;
    assert!(desk.metric("supportbot_previous_shutdown_unclean") < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_waits_unready_while_telegram_is_unreachable() {
    let (desk, _) = desk_with_webhook(&[]).await;
    desk.until_ready().await;
    desk.telegram.set_unreachable(true);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(70);
    while desk.ops("/readyz").await.0 == 200 {
        assert!(tokio::time::Instant::now() < deadline, "the change was not noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (_, body) = desk.ops("/readyz").await;
    assert!(body.contains(r#""probe":"telegram","ready":false"#), "{body}");
    desk.telegram.set_unreachable(false);
    desk.until_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_stops_the_start() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    let url = desk.set_webhook();
    let _taken = std::net::TcpListener::bind(url.split('/').nth(2).unwrap()).unwrap();
    let error = desk.start_error().await;
    assert!(error.contains("WEBAPP_PORT"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_distinguishes_the_desks_webhook_from_others() {
    let (mut desk, url) = desk_with_webhook(&[]).await;
    let doctor = async |desk: &Desk| String::from_utf8(desk.run(&["doctor"]).await.stdout).unwrap();
    let report = doctor(&desk).await;
    assert!(report.contains("ok    The desk’s webhook is set; updates waiting: 0."), "{report}");
    desk.close().await;
    desk.user(1001, "Ada").writes("nobody is there");
    let noted = || desk.telegram.webhook().is_some_and(|webhook| webhook.last_error.is_some());
    desk.until("Telegram cannot push", noted).await;
    let report = doctor(&desk).await;
    assert!(report.contains("could not connect to WEBHOOK_URL; updates waiting: 1."), "{report}");
    calls(&desk, "setWebhook?url=http://127.0.0.1:1/").await;
    let report = doctor(&desk).await;
    assert!(report.contains("The webhook is not the desk’s"), "{report}");
    calls(&desk, "deleteWebhook").await;
    let report = doctor(&desk).await;
    assert!(report.contains("No webhook is set; updates waiting: 1."), "{report}");
    assert!(!report.contains(&url), "{report}");
}
