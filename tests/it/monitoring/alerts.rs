//! Every alert has the annotations that on-call needs, links that exist, and a test.

use std::collections::BTreeSet;

use super::files::{Rule, TestedAlert, dashboards, rules, runbooks, tested_alerts};

/// Annotations in the message to on-call, and the length at which the message cuts each:
/// `alertmanager/templates/telegram.tmpl`.
const ANNOTATIONS: [(&str, usize); 4] =
    [("summary", 200), ("description", 300), ("impact", 200), ("action", 200)];

/// Everything about alerts that must agree.
struct Alerts {
    rules: Vec<Rule>,
    tested: Vec<TestedAlert>,
    runbooks: BTreeSet<String>,
    dashboards: BTreeSet<String>,
}

impl Alerts {
    fn read() -> Self {
        let runbooks = runbooks().into_iter().map(|page| page.alert).collect();
        let dashboards = dashboards().iter().map(|page| page.uid().to_owned()).collect();
        Self { rules: rules(), tested: tested_alerts(), runbooks, dashboards }
    }

    fn mistakes(&self) -> Vec<String> {
        let alerts: Vec<&Rule> = self.rules.iter().filter(|rule| rule.alert.is_some()).collect();
        let mut found: Vec<String> =
            alerts.iter().flat_map(|alert| self.rule_mistakes(alert)).collect();
        let names: BTreeSet<&str> = alerts.iter().map(|alert| alert.name()).collect();
        for name in &names {
            let of = |tested: &&TestedAlert| tested.alertname == *name;
            let fires = |tested: &TestedAlert| !tested.exp_alerts.is_empty();
            if !self.tested.iter().filter(of).any(fires) {
                found.push(format!("no rule test makes {name} fire"));
            }
            // The watchdog always fires.
            if *name != "Watchdog" && self.tested.iter().filter(of).all(fires) {
                found.push(format!("no rule test keeps {name} silent"));
            }
            if !self.runbooks.contains(*name) {
                found.push(format!("{name} has no runbook"));
            }
        }
        let idle = self.runbooks.iter().filter(|page| !names.contains(page.as_str()));
        found.extend(idle.map(|page| format!("the runbook {page} has no alert")));
        let unknown =
            self.tested.iter().filter(|tested| !names.contains(tested.alertname.as_str()));
        found.extend(unknown.map(|tested| {
            format!("a rule test names {}, which is not an alert", tested.alertname)
        }));
        found
    }

    fn rule_mistakes(&self, rule: &Rule) -> Vec<String> {
        let name = rule.name();
        let mut found = Vec::new();
        let mut must = |so: bool, words: String| {
            if !so {
                found.push(format!("{name}: {words}"));
            }
        };
        must(
            name == "Watchdog" || name.starts_with("Supportbot"),
            "the name must begin with Supportbot".to_owned(),
        );
        let severity = rule.labels.get("severity").map(String::as_str);
        let closed = severity.is_some_and(|s| ["critical", "warning", "none"].contains(&s));
        must(closed, format!("severity is {severity:?}"));
        let service = rule.labels.get("service").map(String::as_str);
        must(
            service.is_some_and(|s| ["supportbot", "monitoring"].contains(&s)),
            format!("service is {service:?}"),
        );
        for (annotation, longest) in ANNOTATIONS {
            let words = rule.annotations.get(annotation).map_or("", |words| words.trim());
            must(!words.is_empty(), format!("no {annotation}"));
            must(
                words.chars().count() <= longest,
                format!("{annotation} is longer than {longest}"),
            );
        }
        let says = |annotation: &str| rule.annotations.get(annotation).map_or("", String::as_str);
        must(!says("summary").contains("{{"), "the summary must be constant".to_owned());
        must(
            self.dashboards.contains(says("dashboard")),
            format!("no dashboard {:?}", says("dashboard")),
        );
        // Where runbooks and dashboards are is the owner's setting, and in one place.
        let addresses = rule.annotations.keys().filter(|annotation| annotation.ends_with("_url"));
        let addresses: Vec<_> = addresses.collect();
        must(addresses.is_empty(), format!("an alert has no addresses: {addresses:?}"));
        found
    }
}

#[test]
fn every_alert_is_complete_and_has_a_test() {
    let alerts = Alerts::read();
    let found = alerts.mistakes();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let critical = |rule: &&Rule| rule.labels.get("severity").is_some_and(|s| s == "critical");
    let names: BTreeSet<&str> =
        alerts.rules.iter().filter(|rule| rule.alert.is_some()).map(Rule::name).collect();
    assert!(alerts.rules.iter().filter(critical).count() >= 10, "{names:?}");
    assert!(names.len() <= 27, "too many alerts for on-call: {names:?}");
}

#[test]
fn an_incomplete_alert_is_reported() {
    let annotations = [
        ("summary", "Full."),
        ("description", "It is full."),
        ("impact", "None."),
        ("action", "ls"),
        ("dashboard", "supportbot-overview"),
    ];
    let rule = Rule {
        alert: Some("SupportbotFull".to_owned()),
        expr: "up".to_owned(),
        labels: [("severity", "critical"), ("service", "supportbot")]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into(),
        annotations: annotations.map(|(name, words)| (name.to_owned(), words.to_owned())).into(),
        ..Rule::default()
    };
    let tested = |exp_alerts| TestedAlert { alertname: "SupportbotFull".to_owned(), exp_alerts };
    let right = || Alerts {
        rules: vec![rule.clone()],
        tested: vec![tested(Vec::new()), tested(vec![serde_norway::Value::Null])],
        runbooks: ["SupportbotFull".to_owned()].into(),
        dashboards: ["supportbot-overview".to_owned()].into(),
    };
    assert_eq!(right().mistakes(), Vec::<String>::new());
    let wrongs: [fn(&mut Alerts); 13] = [
        |alerts| drop(alerts.tested.pop()),
        |alerts| drop(alerts.tested.remove(0)),
        |alerts| alerts.runbooks.clear(),
        |alerts| alerts.runbooks.extend(["SupportbotEmpty".to_owned()]),
        |alerts| alerts.dashboards.clear(),
        |alerts| drop(alerts.rules[0].annotations.remove("summary")),
        |alerts| drop(alerts.rules[0].annotations.remove("description")),
        |alerts| drop(alerts.rules[0].annotations.remove("impact")),
        |alerts| drop(alerts.rules[0].annotations.insert("action".to_owned(), "x".repeat(201))),
        |alerts| {
            drop(alerts.rules[0].annotations.insert("dashboard_url".to_owned(), "x".to_owned()));
        },
        |alerts| drop(alerts.rules[0].labels.insert("severity".to_owned(), "page".to_owned())),
        |alerts| drop(alerts.rules[0].labels.remove("service")),
        |alerts| {
            let (alertname, exp_alerts) = ("Gone".to_owned(), Vec::new());
            alerts.tested.push(TestedAlert { alertname, exp_alerts });
        },
    ];
    for (at, wrong) in wrongs.iter().enumerate() {
        let mut alerts = right();
        wrong(&mut alerts);
        assert_eq!(alerts.mistakes().len(), 1, "case {at}: {:?}", alerts.mistakes());
    }
}
