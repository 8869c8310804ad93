//! A real desk, its monitoring, and two simulated Telegrams: one for users, one for on-call.

use std::time::{Duration, Instant};

use telegram_simulator::{Group, Options, Simulator};

use super::servers::{Prometheus, Server, Targets, alertmanager};
use crate::harness::Program;

/// The token of the second bot, which sends alerts.
const ALERTS: &str = "987654321:AAFsecond-bot-for-alerts-of-the-desk";
const WATCHDOG: &str = "a-watchdog-token-of-this-test";
/// Time limit of every wait.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Everything on an alert's way.
pub(super) struct Stage {
    pub(super) desk: Program,
    pub(super) prometheus: Prometheus,
    alertmanager: Server,
    _alerts: Simulator,
    on_call: Group,
}

impl Stage {
    /// Starts everything, and waits until the servers have found each other.
    pub(super) async fn set() -> Self {
        let options = Options { token: ALERTS.to_owned(), ..Options::default() };
        let alerts = Simulator::start(options).await.unwrap();
        let on_call = alerts.supergroup("On call");
        let mut desk = Program::new(&[("WATCHDOG_TOKEN", WATCHDOG)]).await;
        desk.start().await;
        let alertmanager =
            alertmanager(&alerts.url(), ALERTS, on_call.id(), &desk.ops(), WATCHDOG).await;
        let targets = Targets {
            desks: vec![desk.ops()],
            alertmanager: alertmanager.port,
            ..Targets::default()
        };
        let prometheus = Prometheus::start(&targets).await;
        let stage = Self { desk, prometheus, alertmanager, _alerts: alerts, on_call };
        stage.until("prometheus_notifications_alertmanagers_discovered == 1").await;
        stage.until("supportbot_watchdog_last_received_timestamp_seconds > 0").await;
        stage.until_healthy().await;
        stage
    }

    /// Waits until several scrapes in a row have found the desk healthy.
    pub(super) async fn until_healthy(&self) {
        let well = "min_over_time(up{job=\"supportbot\"}[15s]) == 1 and count_over_time(up{job=\"supportbot\"}[15s]) >= 3";
        self.until(well).await;
    }

    pub(super) async fn until(&self, query: &str) {
        self.prometheus.until(query, TIMEOUT).await;
    }

    /// All messages to on-call.
    pub(super) fn messages(&self) -> Vec<String> {
        self.on_call.everything().into_iter().filter_map(|message| message.text).collect()
    }

    /// Waits until on-call receives a message that begins with `beginning`; returns the message and the time it took.
    pub(super) async fn next_message(&self, beginning: &str) -> (String, Duration) {
        let begun = Instant::now();
        loop {
            let mut messages = self.messages().into_iter();
            if let Some(message) = messages.find(|text| text.starts_with(beginning)) {
                return (message, begun.elapsed());
            }
            assert!(
                begun.elapsed() < TIMEOUT,
                "{beginning} did not arrive:\n{:#?}\n{}",
                self.messages(),
                self.alertmanager.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The alerts that have fired in the last minutes.
    pub(super) async fn fired_alerts(&self) -> Vec<String> {
        let query = "max by (alertname) (max_over_time(ALERTS{alertstate=\"firing\", alertname!=\"Watchdog\"}[5m]))";
        let found = self.prometheus.ask(query).await.unwrap();
        found.iter().map(|series| series["metric"]["alertname"].to_string()).collect()
    }
}
