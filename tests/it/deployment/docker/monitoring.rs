//! The monitoring services, started together with the desk by a real Docker engine. Grafana is left out: no package of
//! it exists.

use std::{
    fs,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;
use telegram_simulator::{Group, Options, Simulator};

use super::desk::{Deployed, docker, kill, printed, telegram, until};
use crate::harness::spec;

/// Time limit from the kill of a desk to the alert.
const TOLD: Duration = Duration::from_secs(30);
/// Time limit of every wait: an hour's messages, and a scrape after them.
const TIMEOUT: Duration = Duration::from_mins(4);
/// The token of the second bot, which sends alerts.
pub(super) const ALERTS: &str = "987654321:AAFsecond-bot-for-alerts-of-the-desk";
/// The containers that must fit into a machine with 1 GB.
const CONTAINERS: [&str; 6] = [
    "support-bot",
    "support-bot-backup",
    "support-redis",
    "support-prometheus",
    "support-alertmanager",
    "support-redis-exporter",
];

/// The desk and its monitoring, with two simulated Telegrams: one for users, one for on-call.
struct Watched {
    desk: Deployed,
    telegram: Simulator,
    _users: Group,
    alerts: Simulator,
    on_call: Group,
}

impl Watched {
    async fn install() -> Self {
        let (telegram, users) = telegram(Options::default()).await;
        let (alerts, on_call) = telegram_of_alerts().await;
        let fast = "PACE_OVERALL_PER_SECOND=0\nPACE_PRIVATE_PER_SECOND=0\n";
        let desk = Deployed::install(&telegram, &users, fast);
        desk.write("secrets/alerts_bot_token", &format!("{ALERTS}\n"));
        desk.write("secrets/alerts_chat_id", &format!("{}\n", on_call.id()));
        alerts_go_to(&desk, &alerts);
        Self { desk, telegram, _users: users, alerts, on_call }
    }

    /// The messages to on-call that begin with this sign and name this alert.
    fn messages(&self, sign: &str, alert: &str) -> Vec<String> {
        let texts = self.on_call.everything().into_iter().filter_map(|message| message.text);
        texts.filter(|text| text.starts_with(&format!("{sign} {alert} "))).collect()
    }

    /// Waits for the next message of this kind to on-call; returns the message and the time it took.
    async fn next_message(&self, sign: &str, alert: &str) -> (String, Duration) {
        let (begun, before) = (Instant::now(), self.messages(sign, alert).len());
        until(&format!("{sign} {alert}"), || self.messages(sign, alert).len() > before).await;
        (self.messages(sign, alert).pop().unwrap(), begun.elapsed())
    }
}

/// The simulated Telegram of the second bot, with the group of those on call.
pub(super) async fn telegram_of_alerts() -> (Simulator, Group) {
    let options = Options { token: ALERTS.to_owned(), ..Options::default() };
    let (alerts, _) = telegram(options).await;
    let on_call = alerts.supergroup("On call");
    (alerts, on_call)
}

/// Leaves out Grafana, and has alerts sent to a simulated Telegram.
pub(super) fn alerts_go_to(desk: &Deployed, alerts: &Simulator) {
    desk.write("docker-compose.override.yml", "services: { grafana: !reset {} }\n");
    let config = fs::read_to_string(desk.path("alertmanager/alertmanager.yml")).unwrap();
    let real = "https://api.telegram.org";
    assert_eq!(config.matches(real).count(), 1);
    desk.write("alertmanager/alertmanager.yml", &config.replace(real, &alerts.url()));
}

/// The value of the only series that a query finds.
async fn query_value(query: &str) -> Option<f64> {
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("http://127.0.0.1:9090/api/v1/query?query={query}");
    let answer = client.get(url).send().await.ok()?.text().await.ok()?;
    let answer: Value = serde_json::from_str(&answer).ok()?;
    answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

/// Waits until a query has this value.
async fn until_query_is(query: &str, wanted: f64) {
    let begun = Instant::now();
    loop {
        let found = query_value(query).await;
        if found.is_some_and(|found| (found - wanted).abs() < f64::EPSILON) {
            return;
        }
        assert!(begun.elapsed() < TIMEOUT, "{query} is {found:?}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// The resident memory of all processes of a container, in kilobytes.
fn resident(container: &str) -> u64 {
    let top = docker(&["top", container, "-eo", "pid,rss"]);
    let rows = top.lines().skip(1).filter_map(|row| row.split_whitespace().nth(1));
    rows.map(|kilobytes| kilobytes.parse::<u64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn a_killed_desk_is_reported_to_on_call_and_so_is_its_recovery() {
    let watched = Watched::install().await;
    watched.desk.up(&[]);
    until_query_is("count(up{job!=\"grafana\"}==1)", 4.0).await;
    until_query_is("count(up{job=\"supportbot\"}==1)", 1.0).await;
    until_query_is("prometheus_notifications_alertmanagers_discovered", 1.0).await;
    until_query_is("count(supportbot_watchdog_last_received_timestamp_seconds>0)", 1.0).await;
    until_query_is("redis_up", 1.0).await;
    println!("{}", run_smoke(&watched.desk));
    watched.next_message("✅", "SmokeTest").await;

    // The desk restarts before anybody looks, and on-call still receives an alert.
    kill("support-bot");
    let (message, took) = watched.next_message("🔴", "SupportbotCrashed").await;
    println!("alert {took:.1?} after the crash:\n{message}");
    assert!(took < TOLD, "{took:?}");

    // Docker takes this for the owner's wish and does not restart the container.
    docker(&["kill", "support-bot"]);
    let (message, took) = watched.next_message("🔴", "SupportbotDown").await;
    println!("alert {took:.1?} after the kill:\n{message}");
    assert!(took < TOLD, "{took:?}");
    for part in ["Impact:", "First:", "Since ", "Take it: bin/quiet", "Runbook · Dashboard"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Prometheus has no address that a phone could open.
    assert!(!message.contains("Query"), "{message}");
    watched.desk.up(&["support-bot"]);
    let (message, _) = watched.next_message("✅", "SupportbotDown").await;
    println!("{message}");

    an_hour_of_messages(&watched).await;
    let used = CONTAINERS.map(|container| (container, resident(container)));
    for (container, kilobytes) in used {
        println!("{container}: {} MB resident", kilobytes / 1024);
    }
    println!("together: {} MB", used.iter().map(|(_, kilobytes)| kilobytes).sum::<u64>() / 1024);
    assert_tokens_are_hidden(&watched.desk);
}

/// Writes an hour's messages, one for each second of it, as fast as possible.
async fn an_hour_of_messages(watched: &Watched) {
    let people: Vec<_> = (0..60)
        .map(|id| watched.telegram.user(spec(2000 + id, &format!("User {id}"), "en")))
        .collect();
    for minute in 0..60 {
        for person in &people {
            person.writes(&format!("minute {minute}"));
        }
    }
    let all =
        "sum(supportbot_deliveries_total{direction=\"user_to_operator\",outcome=\"delivered\"})";
    until_query_is(all, 3600.0).await;
}

/// Checks that neither Docker nor the containers' logs show the tokens.
fn assert_tokens_are_hidden(desk: &Deployed) {
    let inspected = docker(&[&["inspect"], &CONTAINERS[..]].concat());
    let logs = desk.run(&["logs", "--no-color"]);
    for secret in [ALERTS, super::desk::PASSWORD] {
        assert!(!inspected.contains(secret), "Docker shows a secret");
        assert!(!logs.contains(secret), "a secret is in the log");
    }
}

/// The output of monitoring/smoke.
fn run_smoke(desk: &Deployed) -> String {
    let smoke = std::process::Command::new(desk.path("monitoring/smoke")).output().unwrap();
    printed(&smoke, "monitoring/smoke")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn a_chat_id_that_was_not_filled_in_is_refused_with_an_explanation() {
    let watched = Watched::install().await;
    watched.desk.write("secrets/alerts_chat_id", "<the chat's id>\n");
    let up = ["up", "--detach", "--wait", "--wait-timeout", "30", "alertmanager"];
    assert!(!watched.desk.compose(&up).status.success(), "the service must not start");
    let logs = watched.desk.run(&["logs", "alertmanager"]);
    assert!(logs.contains("secrets/alerts_chat_id is not what it must be"), "{logs}");
    watched.desk.write("secrets/alerts_chat_id", "-1001234567890\n");
    watched.desk.up(&["alertmanager"]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn an_alert_outlasts_an_outage_of_telegram_and_the_token_is_not_logged() {
    let watched = Watched::install().await;
    watched.desk.up(&["alertmanager"]);
    watched.alerts.set_unreachable(true);
    let amtool = ["exec", "--no-TTY", "alertmanager", "amtool"];
    let there = ["--alertmanager.url=http://127.0.0.1:9093", "alert", "add"];
    let alert = ["alertname=Lasting", "severity=critical", "environment=test"];
    watched.desk.run(&[&amtool[..], &there, &alert].concat());
    let logs = || watched.desk.run(&["logs", "alertmanager"]);
    until("it tries", || logs().contains("/bot<secret>/sendMessage")).await;
    assert!(!logs().contains(ALERTS), "the token is in the log");
    watched.alerts.set_unreachable(false);
    until("it arrives", || !watched.messages("🔴", "Lasting").is_empty()).await;

    // The script that hides the token forwards signals to Alertmanager.
    watched.desk.run(&["kill", "--signal", "HUP", "alertmanager"]);
    until("it reads its files anew", || logs().contains("Completed loading")).await;
    watched.desk.run(&["stop", "alertmanager"]);
    let code = docker(&["inspect", "--format", "{{.State.ExitCode}}", "support-alertmanager"]);
    assert_eq!(code, "0", "the stop is graceful");
}
