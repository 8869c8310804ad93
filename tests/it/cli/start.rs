//! The first line of the log.

use serde_json::Value;

use crate::harness::Program;

#[tokio::test(flavor = "multi_thread")]
async fn one_line_says_what_has_started_at_any_level() {
    for (format, level) in [("pretty", "off"), ("json", "error"), ("pretty", "support_bot=off")] {
        let mut desk = Program::new(&[("LOG_FORMAT", format), ("RUST_LOG", level)]).await;
        let ada = desk.telegram.user(crate::harness::spec(1001, "Ada", "en"));
        ada.writes("hello");
        desk.start().await;
        let log = desk.log();
        let lines: Vec<&str> =
            log.lines().filter(|line| line.contains("the desk is open")).collect();
        let [line] = *lines else { panic!("one line is expected:\n{log}") };
        let group = desk.group.id().to_string();
        for part in ["@support_bot", &group, "polling", "/metrics", env!("CARGO_PKG_VERSION")] {
            assert!(line.contains(part), "{part} is missing: {line}");
        }
        if format == "json" {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["updates"], "polling");
            assert!(line["bytes"].as_u64().unwrap() > 0, "{line}");
        }
        assert!(!log.contains(&desk.telegram.token()), "{log}");
        desk.terminate().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_webhook_is_one_line_that_says_what_was_removed() {
    let mut desk = Program::new(&[("LOG_FORMAT", "pretty")]).await;
    let webhook = serde_json::json!({ "url": "http://old.example.org/secret-path" });
    let url = format!("{}/bot{}/setWebhook", desk.telegram.url(), desk.telegram.token());
    let set = reqwest::Client::new().post(url).header("content-type", "application/json");
    assert!(set.body(webhook.to_string()).send().await.unwrap().status().is_success());
    desk.start().await;
    desk.until("the webhook is removed", async |desk| desk.telegram.webhook().is_none()).await;
    desk.until("it is logged", async |desk| desk.log().contains("removed a webhook")).await;
    let log = desk.log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("webhook")).collect();
    let [line] = *lines else { panic!("one line is expected:\n{log}") };
    assert!(line.contains("old.example.org") && line.contains("waiting="), "{line}");
    assert!(!line.contains("secret-path"), "{line}");
}
