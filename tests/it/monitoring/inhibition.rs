//! Which alerts hold back which: a consequence is not sent beside its cause, and nothing is held back that its cause does not explain.

use std::collections::BTreeMap;

use serde_norway::Value;

use super::files::{rules, text};

type Labels = BTreeMap<String, String>;

/// Labels of an alert as Alertmanager receives it.
fn alert(name: &str, severity: &str, more: &[(&str, &str)]) -> Labels {
    let own = [
        ("alertname", name),
        ("severity", severity),
        ("service", "supportbot"),
        ("environment", "production"),
    ];
    let all = own.iter().chain(more);
    all.map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
}

/// Whether a matcher such as `kind != "corrupt"` matches; of regular expressions, alternatives only.
fn matches(matcher: &str, labels: &Labels) -> bool {
    let (label, rest) = matcher.split_once(' ').unwrap();
    let (operator, value) = rest.split_once(' ').unwrap();
    let value = value.trim_matches('"');
    let found = labels.get(label).map_or("", String::as_str);
    match operator {
        "=" => found == value,
        "!=" => found != value,
        "=~" => value.split('|').any(|one| one == found),
        "!~" => value.split('|').all(|one| one != found),
        other => panic!("{matcher}: {other}"),
    }
}

/// Whether `source`, while it fires, holds back `target`.
fn mutes(source: &Labels, target: &Labels) -> bool {
    let config: Value = serde_norway::from_str(&text("alertmanager/alertmanager.yml")).unwrap();
    let strings = |value: &Value| -> Vec<String> {
        let list = value.as_sequence().unwrap().iter();
        list.map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    config["inhibit_rules"].as_sequence().unwrap().iter().any(|rule| {
        strings(&rule["source_matchers"]).iter().all(|matcher| matches(matcher, source))
            && strings(&rule["target_matchers"]).iter().all(|matcher| matches(matcher, target))
            && strings(&rule["equal"]).iter().all(|label| source.get(label) == target.get(label))
    })
}

const ONE: (&str, &str) = ("instance", "support-bot:9464");
const OTHER: (&str, &str) = ("instance", "support-bot-2:9464");

#[test]
fn a_consequence_is_held_back_by_its_cause_and_nothing_else_is() {
    let critical = |name: &str, more: &[(&str, &str)]| alert(name, "critical", more);
    let heartbeat = critical("SupportbotHeartbeatMissing", &[ONE]);
    let down = critical("SupportbotDown", &[ONE]);
    let crashed = critical("SupportbotCrashed", &[ONE]);
    let looping = critical("SupportbotCrashLooping", &[ONE]);
    let store = critical("SupportbotStoreDown", &[]);
    let corrupt = critical("SupportbotStoreDown", &[("kind", "corrupt")]);
    let lost = critical("SupportbotMessagesLost", &[("kind", "dead_letter"), ("reason", "error")]);
    let waiting = alert("SupportbotMessagesLost", "warning", &[("kind", "waiting")]);
    for (what, source, target, expected) in [
        ("Redis and the heartbeat", &critical("SupportbotRedisDown", &[]), &heartbeat, true),
        ("the store and the heartbeat", &store, &heartbeat, true),
        ("Redis and the store", &critical("SupportbotRedisDown", &[]), &store, true),
        ("damaged data and the heartbeat", &corrupt, &heartbeat, false),
        (
            "Telegram and the heartbeat",
            &critical("SupportbotTelegramUnreachable", &[("probe", "telegram")]),
            &heartbeat,
            true,
        ),
        ("a loop and its crashes", &looping, &crashed, true),
        ("a loop and another's crash", &looping, &critical("SupportbotCrashed", &[OTHER]), false),
        ("a loop and a desk that is down", &looping, &down, false),
        ("a desk that is down and its loop", &down, &looping, false),
        ("a desk that is down and its heartbeat", &down, &heartbeat, true),
        ("a desk that is down and what it lost", &down, &lost, false),
        ("dead letters that come and those that wait", &lost, &waiting, true),
        ("dead letters that wait and those that come", &waiting, &lost, false),
    ] {
        assert_eq!(mutes(source, target), expected, "{what}");
    }
}

#[test]
fn what_explains_a_missing_heartbeat_outlasts_it() {
    let heartbeat = alert("SupportbotHeartbeatMissing", "critical", &[ONE]);
    // A desk that is down or restarts has no heartbeat that could be missing: its age begins anew.
    let of_the_process = ["SupportbotDown", "SupportbotCrashLooping"];
    let mut explaining = 0;
    for rule in rules().iter().filter(|rule| rule.alert.is_some()) {
        let labels = alert(rule.name(), "critical", &[ONE]);
        let mut source = labels;
        source.extend(rule.labels.clone());
        if of_the_process.contains(&rule.name()) || !mutes(&source, &heartbeat) {
            continue;
        }
        explaining += 1;
        assert_eq!(rule.keep_firing_for.as_deref(), Some("1m"), "{}", rule.name());
    }
    assert!(explaining >= 3, "only {explaining} alerts explain it");
}
