//! A conversation by webhook, and switching between webhook and polling.

use std::{collections::BTreeSet, time::Duration};

use telegram_simulator::{Fault, Matcher, What};

use super::{HEADER, SECRET, count, desk_with_webhook, fast_retries, message, request};
use crate::harness::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_pushed_message_reaches_the_topic_and_the_answer_the_user() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let webhook = desk.telegram.webhook().unwrap();
    assert_eq!(webhook.url, url);
    assert_eq!((webhook.secret.as_deref(), webhook.max_connections), (Some(SECRET), 40));
    desk.until_ready().await;
    let ada = desk.user(1001, "Ada");
    let asked = ada.writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    desk.operator.writes_in(desk.topic(), "good day");
    desk.settle().await;
    assert!(ada.reads().contains(&"good day".to_owned()), "{:?}", ada.reads());
    ada.reacts(asked, Some("👍"));
    desk.settle().await;
    assert!(count(&desk, "stored") >= 3);
    let received =
        "supportbot_updates_received_total{source=\"webhook\",type=\"message_reaction\"}";
    assert!(desk.metric(received) > 0.5, "the webhook allows the same kinds of updates as polling");
    let polled = desk.telegram.calls().counts.get("getUpdates").copied().unwrap_or_default();
    assert_eq!(polled, 0, "the program does not poll");
    let (status, health) = desk.ops("/healthz").await;
    assert_eq!(status, 200, "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_between_polling_and_the_webhook_loses_nothing() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    let mut written = Vec::new();
    for round in 0..4 {
        for number in 0..5 {
            let text = format!("round {round}, number {number}");
            ada.writes(&text);
            written.push(text);
        }
        if round % 2 == 0 {
            desk.settle().await;
        }
        desk.close().await;
        let text = format!("while it is closed, after round {round}");
        ada.writes(&text);
        written.push(text);
        if round % 2 == 0 {
            desk.set_webhook();
        } else {
            desk.set("WEBHOOK_ENABLED", "false");
            desk.set("WEBHOOK_URL", "");
        }
        desk.open().await;
        assert_eq!(desk.app.as_ref().unwrap().webhook().is_some(), round % 2 == 0);
    }
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), written);
    assert!(desk.telegram.webhook().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_the_webhook_set_and_drops_nothing() {
    let (mut desk, url) = desk_with_webhook(&[]).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("before");
    desk.settle().await;
    desk.close().await;
    ada.writes("while it is closed");
    assert_eq!(desk.telegram.webhook().unwrap().url, url);
    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["before", "while it is closed"]);
    for call in desk.telegram.calls().recent {
        assert!(!call.parameters.contains_key("drop_pending_updates"), "{}", call.method);
        assert_ne!(call.method, "deleteWebhook");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_desk_asks_telegram_to_retry() {
    let (mut desk, url) = desk_with_webhook(&[]).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let on = Matcher::methods(["copyMessage", "copyMessages"]);
    let slow = desk.telegram.inject(Fault::once(on, What::Slow(Duration::from_secs(2))));
    ada.writes("slow");
    desk.until("the message is being copied", || slow.count() > 0).await;
    let app = desk.app.take().unwrap();
    let asks = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let request = request(reqwest::Method::POST, &url).header(HEADER, SECRET);
        request.body(message(900_000_002, "late")).send().await.unwrap()
    };
    let (_stopped, answer) = tokio::join!(app.stop(std::future::pending()), asks);
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["Retry-After"], "2");
    assert_eq!(count(&desk, "stopping"), 1);
    assert!(tokio::net::TcpStream::connect(url.split('/').nth(2).unwrap()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_after_the_webhook_requests_all_pending_updates() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    ada.writes("polled for");
    desk.settle().await;
    let before = ada.reads().len();
    desk.close().await;
    desk.set_webhook();
    desk.open().await;
    desk.settle().await;
    desk.close().await;
    // Telegram has restarted its numbering meanwhile, below all updates that were polled.
    desk.telegram.push_raw(&message(5, "/help"));
    desk.set("WEBHOOK_ENABLED", "false");
    desk.open().await;
    desk.settle().await;
    assert_eq!(ada.reads().len(), before + 1, "{:?}", ada.reads());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_derived_from_the_token_alone() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    let elsewhere = tempfile::tempdir().unwrap();
    desk.set_webhook();
    let mut secrets = BTreeSet::new();
    for _ in 0..2 {
        desk.open().await;
        secrets.insert(desk.telegram.webhook().unwrap().secret.unwrap());
        desk.close().await;
        // The folder is empty, as for a replica on another machine.
        desk.set("DATA_DIR", &elsewhere.path().display().to_string());
    }
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets.first().unwrap().len(), 64);
    let kept = std::fs::read_dir(elsewhere.path()).unwrap();
    let kept = kept.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    for file in kept {
        let kept = std::fs::read(&file).unwrap();
        let secret = secrets.first().unwrap().as_bytes();
        assert!(!kept.windows(secret.len()).any(|part| part == secret), "{}", file.display());
    }
}
