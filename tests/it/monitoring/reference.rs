//! The page of alerts is generated from the rules.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::reference::page::{assert_current, cell, head};

use super::files::{Rule, rules};

/// Where runbooks are in the repository.
const RUNBOOKS: &str = "/monitoring/runbooks/";

/// A rule's label or annotation; empty if it has none.
fn word<'a>(words: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    words.get(name).map_or("", String::as_str)
}

/// A time as in rules (`30s`, `5m`), in words; a rule without a time fires at once.
fn time(time: Option<&str>) -> String {
    match time.and_then(|time| Some((time, time.chars().last()?))) {
        None => "at once".to_owned(),
        Some((time, unit)) => {
            let number = time.trim_end_matches(unit);
            let unit = match unit {
                's' => "s",
                'm' => "min",
                'h' => "h",
                'd' => "d",
                other => panic!("an unknown unit of time: {other}"),
            };
            format!("{number} {unit}")
        }
    }
}

fn page(alerts: &[Rule]) -> String {
    let mut page = head(
        "Alerts",
        "What the rules in `prometheus/rules` watch. `critical` rings on-call at once; `warning` makes no sound and can wait for the morning.\n\
         *For* is how long the condition must hold before the alert fires. The runbook of an alert tells what to do. [Metrics](metrics.md) lists\n\
         what the conditions are made of.\n\n\
         | alert | severity | meaning | for | runbook |\n|---|---|---|---|---|",
    );
    for alert in alerts {
        let (name, summary) = (alert.name(), cell(word(&alert.annotations, "summary")));
        let severity = word(&alert.labels, "severity");
        let wait = time(alert.wait.as_deref());
        let anchor = name.to_lowercase();
        let runbook = format!("{RUNBOOKS}{name}.md");
        writeln!(
            page,
            "| [{name}](#{anchor}) | {severity} | {summary} | {wait} | [runbook](../..{runbook}) |"
        )
        .unwrap();
    }
    let mut last = "";
    for alert in alerts {
        let name = alert.name();
        if name != last {
            writeln!(page, "\n## {name}\n\n[Runbook](../..{RUNBOOKS}{name}.md)").unwrap();
            last = name;
        }
        let after = alert.wait.as_deref().map_or("at once", |_| "after");
        let wait = alert.wait.as_deref().map(|wait| format!(" {}", time(Some(wait))));
        let kept = alert.keep_firing_for.as_deref();
        let kept = kept.map(|kept| format!(", kept for {}", time(Some(kept))));
        writeln!(
            page,
            "\n**{}** {} *{}, {after}{}{}.*\n\n```promql\n{}\n```",
            word(&alert.annotations, "summary"),
            word(&alert.annotations, "impact"),
            word(&alert.labels, "severity"),
            wait.unwrap_or_default(),
            kept.unwrap_or_default(),
            alert.expr.trim(),
        )
        .unwrap();
    }
    page
}

#[test]
fn the_reference_of_alerts_matches_the_rules() {
    let mut alerts: Vec<Rule> = rules().into_iter().filter(|rule| rule.alert.is_some()).collect();
    alerts.sort_by(|one, other| one.name().cmp(other.name()));
    assert_current("docs/reference/alerts.md", &page(&alerts));
}

#[test]
fn times_are_written_with_their_units() {
    assert_eq!(
        [None, Some("30s"), Some("5m"), Some("2h")].map(time),
        ["at once", "30 s", "5 min", "2 h"]
    );
}
