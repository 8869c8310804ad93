//! Runs every query of the rules, panels, variables, annotations and runbooks on a real Prometheus that monitors a desk
//! at work.

use std::time::Duration;

use serde_json::Value;
use telegram_simulator::{SeenMessage, Topic};

use super::{
    files::{Query, dashboards, rules, runbooks},
    promql::queries_of,
    servers::{Prometheus, Targets, alertmanager, redis_exporter, redis_script},
};
use crate::{
    harness::{Program, Tracker, free_port, program::webhook_settings, spec, write_welcome},
    redis::Server,
};

/// Maximum number of series in a panel; more cannot be told apart.
const MOST: usize = 20;
/// Time range of the graphs in the test.
const LAST: Duration = Duration::from_mins(1);

/// Panels and recorded series that may be empty here, with the reason.
const MAY_BE_EMPTY: [(&str, &str); 10] = [
    ("instance:supportbot_memory:ratio", "the test may run without a memory limit"),
    ("supportbot-runtime: Memory: share of the limit", "the same"),
    ("supportbot-runtime: Machine: disks, free", "node_exporter is optional"),
    ("supportbot-runtime: Machine: memory", "the same"),
    ("supportbot-runtime: Machine: processor", "the same"),
    ("supportbot-telegram: Probe", "Caddy is optional; webhook/probe.rs asks a real one"),
    ("supportbot-telegram: Certificate: time left", "the same"),
    ("supportbot-telegram: Answers of the desk to Caddy", "the same"),
    ("supportbot-telegram: Time until the desk's answer", "the same"),
    ("supportbot-overview: Firing alerts, by name", "no alert fires"),
];
const WATCHDOG: &str = "a-watchdog-token-of-this-test";

/// Two busy desks, one on Redis and one with a webhook, and their monitoring.
struct Scene {
    desks: [Program; 2],
    prometheus: Prometheus,
    _others: [super::servers::Server; 2],
    _redis: Server,
    _tracker: Tracker,
}

impl Scene {
    async fn set() -> Self {
        let script = redis_script();
        let user = script.lines().find_map(|line| line.strip_prefix("user ")).unwrap();
        let mut settings = vec!["--maxmemory", "100mb", "--user"];
        settings.extend(user.split(' '));
        let redis = Server::start_with(&settings);
        let url = redis.url();
        let token = ("WATCHDOG_TOKEN", WATCHDOG);
        let mut desks =
            [Program::new(&[token, ("REDIS_URL", &url)]).await, Program::new(&[token]).await];
        desks[1].set_all(webhook_settings());
        let scene = include_str!("../../../welcome/example.toml");
        let welcome = write_welcome(&desks[0].data().with_extension("scene"), scene);
        desks[0].set("WELCOME_FILE", &welcome);
        let tracker = Tracker::start().await;
        desks[0].set_all(tracker.settings());
        for desk in &mut desks {
            desk.start().await;
        }
        let backup = desks[0].data().join("backup");
        assert!(desks[0].run(&["backup", backup.to_str().unwrap()]).status.success());
        let exporter = redis_exporter(&url).await;
        let nobody = format!("http://127.0.0.1:{}", free_port());
        let alertmanager = alertmanager(&nobody, "1:a", -1, &desks[0].ops(), WATCHDOG).await;
        let targets = Targets {
            desks: desks.iter().map(Program::ops).collect(),
            alertmanager: alertmanager.port,
            redis_exporter: Some(exporter.port),
            hurried: true,
        };
        let prometheus = Prometheus::start(&targets).await;
        let others = [exporter, alertmanager];
        Self { desks, prometheus, _others: others, _redis: redis, _tracker: tracker }
    }

    /// Lets people write and operators answer until Prometheus has enough samples.
    async fn fill(&self) {
        let people = |desk: &Program| {
            let person = |id: i64| desk.telegram.user(spec(2000 + id, &format!("User {id}"), "en"));
            (0..4).map(person).collect::<Vec<_>>()
        };
        let people: Vec<_> = self.desks.iter().flat_map(people).collect();
        let seen = "min(count_over_time(supportbot_updates_received_total[1m])) >= 8 \
            and min(count_over_time(slo:supportbot_delivery:error_budget_remaining_ratio[1m])) >= 3 \
            and count(supportbot_watchdog_last_received_timestamp_seconds > 0)";
        for round in 0.. {
            if !self.prometheus.ask(seen).await.unwrap().is_empty() {
                return;
            }
            assert!(
                round < 200,
                "{:?}\n{}",
                self.rules_without_result().await,
                self.prometheus.0.log()
            );
            for person in &people {
                person.writes(&format!("message {round}"));
            }
            // Starts the welcome again and again, and answers its first question.
            let newcomer = self.desks[0].telegram.user(spec(2100, "Newcomer", "en"));
            let asked = |seen: &SeenMessage| seen.all_buttons().next().is_some();
            if let Some(question) = newcomer.sees().into_iter().rev().find(asked) {
                let first = question.all_buttons().next().unwrap().data.clone().unwrap();
                newcomer.presses(question.id, &first).unwrap();
            }
            newcomer.starts();
            for desk in &self.desks {
                // A message of an operator would end the welcome.
                let answered = |topic: &Topic| topic.name != "Newcomer";
                for topic in desk.group.topics().into_iter().filter(answered) {
                    desk.operator.writes_in(topic.id, &format!("answer {round}"));
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Recording rules without a result.
    async fn rules_without_result(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for rule in rules().iter().filter(|rule| rule.record.is_some()) {
            if self.prometheus.ask(rule.name()).await.is_ok_and(|found| found.is_empty()) {
                missing.push(rule.name().to_owned());
            }
        }
        missing
    }

    async fn answers(&self, query: &Query, found: &mut Vec<String>) {
        if let Err(error) = self.prometheus.ask(&query.text).await {
            found.push(format!("{}: {error}: {}", query.place, query.text));
        }
    }

    /// Adds the errors of panels to `found`; returns the empty panels.
    async fn panels(&self, found: &mut Vec<String>) -> Vec<String> {
        let mut empty = Vec::new();
        for dashboard in dashboards() {
            for panel in dashboard.panels().into_iter().filter(|panel| panel["type"] != "text") {
                let (mut series, mut shown, place) = (0, 0, dashboard.place(panel));
                for query in dashboard.queries_of(panel) {
                    match self.prometheus.ask_range(&query.text, LAST).await {
                        Ok(list) => {
                            series += list.len();
                            shown += list.iter().filter(|one| is_shown(one)).count();
                        }
                        Err(error) => found.push(format!("{place}: {error}: {}", query.text)),
                    }
                }
                // A heatmap shows all buckets in one picture.
                if series > MOST && panel["type"] != "heatmap" {
                    found.push(format!("{place}: {series} series"));
                }
                if shown == 0 {
                    empty.push(place);
                }
            }
        }
        empty
    }
}

/// Whether a series has a visible point: Grafana does not draw `NaN`, such as a quantile of no samples.
fn is_shown(series: &Value) -> bool {
    let values = series["values"].as_array().into_iter().flatten();
    values.map(|pair| &pair[1]).any(|value| value != "NaN")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_has_a_result_on_a_working_desk() {
    let scene = Scene::set().await;
    scene.fill().await;
    let mut found = Vec::new();
    for rule in scene.prometheus.rules().await.iter().filter(|rule| rule["health"] != "ok") {
        found.push(format!(
            "the rule {} is {}: {}",
            rule["name"], rule["health"], rule["lastError"]
        ));
    }
    for rule in rules() {
        scene.answers(&queries_of(&rule), &mut found).await;
    }
    for query in runbooks().iter().flat_map(super::files::Runbook::queries) {
        scene.answers(&query, &mut found).await;
    }
    for dashboard in dashboards() {
        for query in dashboard.annotations() {
            scene.answers(&query, &mut found).await;
        }
        for (query, label) in dashboard.variables() {
            match scene.prometheus.values(&label, &query.text).await {
                Ok(values) if !values.is_empty() => {}
                other => found.push(format!("{} offers nothing: {other:?}", query.place)),
            }
        }
    }
    let mut empty = scene.panels(&mut found).await;
    empty.extend(scene.rules_without_result().await);
    empty.retain(|place| !MAY_BE_EMPTY.iter().any(|(may, _why)| may == place));
    found.extend(empty.iter().map(|place| format!("{place} is empty")));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
