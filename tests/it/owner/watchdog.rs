//! The dead man's switch: the owner receives a notice when monitoring falls silent, and when it returns.

use std::time::Duration;

use super::{notices, until_notices, until_sent};
use crate::harness::Program;

const TOKEN: &str = "a-token-that-nobody-guesses";

/// Posts the watchdog as Alertmanager does; returns the status.
async fn post(program: &Program, token: &str) -> u16 {
    let body =
        r#"{"version":"4","status":"firing","alerts":[{"labels":{"alertname":"Watchdog"}}]}"#;
    post_to(program, "/watchdog", token, body).await
}

async fn post_to(program: &Program, path: &str, token: &str, body: &'static str) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}{path}", program.ops());
    let request = client.post(url).bearer_auth(token).body(body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_told_that_alerts_are_not_delivered_and_when_they_are_again() {
    let mut program = Program::new(&[("WATCHDOG_TOKEN", TOKEN)]).await;
    program.start().await;
    let path = "/watchdog/undelivered";
    let firing = r#"{"status":"firing","alerts":[{"labels":{"integration":"telegram"}}]}"#;
    assert_eq!(post_to(&program, path, "another-token-of-that-size", firing).await, 401);
    for _repeated in 0..3 {
        assert_eq!(post_to(&program, path, TOKEN, firing).await, 200);
    }
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ Alerts have not been delivered since "), "{text}");
    // Without Prometheus, Alertmanager says the same: only a sign of life behind it counts.
    assert_eq!(post_to(&program, path, TOKEN, r#"{"status":"resolved"}"#).await, 200);
    assert_eq!(post_to(&program, path, TOKEN, firing).await, 200);
    assert_eq!(post(&program, TOKEN).await, 200);
    assert!(notices(&program, "alerts", "sent").await < 1.5, "they are not delivered");
    assert_eq!(post_to(&program, path, TOKEN, r#"{"status":"resolved"}"#).await, 200);
    assert_eq!(post(&program, TOKEN).await, 200);
    let text = until_notices(&program, 2).await.remove(1);
    assert!(text.starts_with("◆ Alerts have been delivered again since "), "{text}");
    until_sent(&program, "alerts", 2.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_the_watchdog_are_in_the_metrics_if_a_token_is_set() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    assert_eq!(post(&program, TOKEN).await, 404);
    assert!(program.metric("supportbot_watchdog_expected").await == 0.0);
    program.terminate().await;

    let file = program.data().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    program.set("WATCHDOG_TOKEN_FILE", file.to_str().unwrap());
    program.start().await;
    assert!(program.metric("supportbot_watchdog_expected").await > 0.0);
    let last = async || program.metric("supportbot_watchdog_last_received_timestamp_seconds").await;
    assert_eq!(post(&program, "another-token-of-that-size").await, 401);
    assert!(last().await == 0.0);
    assert_eq!(post(&program, TOKEN).await, 200);
    let ours = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!((ours - last().await).abs() < 60.0);
    assert!(!program.log().contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "three minutes of silence: `just watchdog`"]
async fn a_silence_of_monitoring_and_its_end_are_reported() {
    let mut program = Program::new(&[("WATCHDOG_TOKEN", TOKEN)]).await;
    program.start().await;
    assert_eq!(post(&program, TOKEN).await, 200);
    let begun = tokio::time::Instant::now();
    while super::received_notices(&program).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(140), "{}", program.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("notice after {:?}", begun.elapsed());
    assert!(begun.elapsed() > Duration::from_secs(115));
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.starts_with("◆ Monitoring has been blind since "), "{text}");

    let begun = tokio::time::Instant::now();
    assert_eq!(post(&program, TOKEN).await, 200);
    let text = until_notices(&program, 2).await.remove(1);
    println!("notice of the end after {:?}", begun.elapsed());
    assert!(text.starts_with("◆ Monitoring has been working again since "), "{text}");
}
