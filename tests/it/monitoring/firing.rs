//! The owner's status shows the alerts that fire: a real Alertmanager, with alerts in Prometheus' format.

use serde_json::json;

use super::servers::alertmanager;
use crate::harness::{Desk, OWNER, program::unlimited, spec};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_lists_firing_alerts_and_says_when_alertmanager_is_unreachable() {
    let mut there =
        alertmanager("http://127.0.0.1:9", "1:a", 1, "127.0.0.1:9", "not-posted-to-anybody").await;
    let desk = Desk::start_with(unlimited(), &[("ALERTMANAGER_URL", &there.url("/"))]).await;
    let owner = desk.telegram.user(spec(OWNER, "Olga", "en"));
    let status = async || {
        let before = owner.reads().len();
        owner.writes("/status");
        desk.until("it is told", || owner.reads().len() > before).await;
        owner.reads().pop().unwrap()
    };
    let answer = status().await;
    assert!(answer.contains("Alerts: none firing"), "{answer}");

    let alert = |name: &str, severity: &str, instance: &str| {
        let labels = json!({"alertname": name, "severity": severity, "instance": instance, "desk": "production"});
        json!({"labels": labels, "annotations": {"summary": "s", "description": "d"}})
    };
    let alerts = json!([
        alert("SupportbotMemoryHigh", "warning", "1"),
        alert("SupportbotRedisDown", "critical", "1"),
        alert("SupportbotRedisDown", "critical", "2"),
        alert("Watchdog", "none", "1"),
    ]);
    let posted = reqwest::Client::new()
        .post(there.url("/api/v2/alerts"))
        .header("content-type", "application/json")
        .body(alerts.to_string())
        .send()
        .await;
    assert!(posted.unwrap().status().is_success());
    let answer = status().await;
    let fires: Vec<&str> = answer.lines().filter(|line| line.contains("lert firing")).collect();
    assert_eq!(
        fires,
        ["✗ Critical alert firing: SupportbotRedisDown", "⚠ Alert firing: SupportbotMemoryHigh"],
        "{answer}"
    );

    there.kill();
    let answer = status().await;
    assert!(answer.contains("⚠ Alertmanager does not answer"), "{answer}");
}
