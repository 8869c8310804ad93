//! Polling: updates arrive as raw texts, and each failure has its own error.

use std::time::Duration;

use domain::UpdateId;
use ports::{PollError, RemovedWebhook, Updates};
use serde_json::json;
use support_bot::adapters::telegram::Poller;

use super::{
    client,
    stub::{Reply, Stub, done, refused},
};

#[tokio::test]
async fn updates_are_returned_byte_for_byte() {
    let first = r#"{"update_id": 5,  "hologram":{"x":1.50}}"#;
    let stub = Stub::replies([done(&format!("[{first}, {{\"update_id\":6}}]")), done("[]")]);
    let poller = Poller::new(client(&stub), Duration::from_secs(25));
    assert_eq!(poller.next(None).await.unwrap(), [first, "{\"update_id\":6}"]);
    assert!(poller.next(Some(UpdateId(7))).await.unwrap().is_empty());
    let kinds =
        ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"];
    let asked: Vec<_> = stub.requests().into_iter().map(|(_, body)| body).collect();
    assert_eq!(
        asked,
        [
            json!({"limit": 100, "timeout": 25, "allowed_updates": kinds}),
            json!({"offset": 7, "limit": 100, "timeout": 25, "allowed_updates": kinds}),
        ]
    );
}

#[tokio::test]
async fn a_response_with_too_many_updates_is_rejected() {
    let updates = |count| vec![r#"{"update_id":5}"#; count].join(",");
    let long = format!(r#"{{"update_id":5,"x":"{}"}}"#, "x".repeat(3 << 20));
    let answers = [updates(100), updates(101), updates(100_000), long];
    let stub = Stub::replies(answers.map(|updates| done(&format!("[{updates}]"))));
    let poller = Poller::new(client(&stub), Duration::ZERO);
    assert_eq!(poller.next(None).await.unwrap().len(), 100);
    for _ in 0..3 {
        let refused = poller.next(None).await;
        assert!(matches!(refused, Err(PollError::Unavailable(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_poll_times_out_only_after_its_own_timeout() {
    let stub = Stub::replies([Reply::Hang(Duration::from_secs(9))]);
    let poller = Poller::new(client(&stub), Duration::from_secs(1));
    let started = std::time::Instant::now();
    let failed = poller.next(None).await;
    assert_eq!(failed, Err(PollError::Unavailable("no answer in time".to_owned())));
    assert!(started.elapsed() > Duration::from_millis(1400), "the call's own timeout is added");
}

#[tokio::test]
async fn every_polling_error_is_distinguished() {
    let conflict = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    let webhook = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    for (reply, expected) in [
        (refused(409, conflict), PollError::Conflict),
        (refused(409, webhook), PollError::WebhookActive),
        (refused(401, "Unauthorized"), PollError::Unauthorized),
        (refused(404, "Not Found"), PollError::Unauthorized),
        (
            refused(429, "Too Many Requests: retry after 3"),
            PollError::Throttled(Duration::from_secs(3)),
        ),
        (
            Reply::With(502, "<html>".to_owned()),
            PollError::Unavailable("telegram answered with status 502".to_owned()),
        ),
    ] {
        let stub = Stub::replies([reply]);
        let poller = Poller::new(client(&stub), Duration::ZERO);
        assert_eq!(poller.next(None).await, Err(expected));
    }
}

#[tokio::test]
async fn removing_a_webhook_keeps_pending_updates() {
    let info = r#"{"url":"https://x.example/42:SECRET","pending_update_count":3,"new_field":{}}"#;
    let stub = Stub::replies([done(info), done(info), done("true")]);
    let poller = Poller::new(client(&stub), Duration::ZERO);
    let webhook = poller.webhook().await.unwrap();
    assert!(webhook.is_set() && webhook.pending_update_count == 3);
    assert!(!format!("{webhook:?}").contains("SECRET"), "{webhook:?}");
    let removed = poller.remove_webhook().await.unwrap();
    assert_eq!(removed, RemovedWebhook { host: "x.example".to_owned(), waiting: 3 });
    assert_eq!(stub.requests()[2].1, json!({"drop_pending_updates": false}));
}
