//! The manifests for Kubernetes: written from the files of Docker's setup, as hardened as its services, and with the labels that
//! rules expect. `bin/test kubernetes` checks them against the schemas of Kubernetes and of the Prometheus operator.

use std::{collections::BTreeMap, fs, process::Command};

use serde::Deserialize as _;
use serde_norway::{Mapping, Value};
use support_bot::config::{Requirement, VARIABLES};

use super::compose::{megabytes, root, service, text, within};

const FOLDER: &str = "deploy/kubernetes";

/// The objects of a file.
fn objects(file: &str) -> Vec<Value> {
    let text = text(&format!("{FOLDER}/{file}"));
    serde_norway::Deserializer::from_str(&text)
        .map(|one| Value::deserialize(one).unwrap())
        .collect()
}

fn object(file: &str, kind: &str) -> Value {
    let found = objects(file).into_iter().find(|one| one["kind"].as_str() == Some(kind));
    found.unwrap_or_else(|| panic!("{file} has no {kind}"))
}

/// The pods, with the service of Compose that each stands for.
fn pods() -> [(&'static str, Value); 3] {
    let job = object("desk/backup.yaml", "CronJob")["spec"]["jobTemplate"].clone();
    [
        ("support-bot", object("desk/desk.yaml", "Deployment")),
        ("support-redis", object("desk/redis.yaml", "StatefulSet")),
        ("support-bot-backup", job),
    ]
    .map(|(name, owner)| (name, owner["spec"]["template"]["spec"].clone()))
}

/// The settings that are set, and those that are only shown with their defaults.
fn settings() -> [BTreeMap<String, String>; 2] {
    let text = text(&format!("{FOLDER}/desk/settings.env"));
    let pairs = |shown: bool| {
        let of = move |line: &'_ str| {
            let (name, value) = line.split_once('=')?;
            let bare = if shown { name.strip_prefix('#')? } else { name };
            let sign =
                |sign: char| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_';
            let setting = bare.chars().all(sign);
            setting.then(|| (bare.to_owned(), value.to_owned()))
        };
        text.lines().filter_map(of).collect()
    };
    [pairs(false), pairs(true)]
}

#[test]
fn the_manifests_are_what_the_script_writes() {
    let output = Command::new(root().join(FOLDER).join("write")).arg("--check").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_pod_is_as_hardened_as_its_service() {
    for (name, pod) in pods() {
        let compose = service(name);
        assert_eq!(pod["automountServiceAccountToken"].as_bool(), Some(false), "{name}");
        assert_eq!(pod["enableServiceLinks"].as_bool(), Some(false), "{name}");
        let user = &pod["securityContext"];
        assert_eq!(user["runAsNonRoot"].as_bool(), Some(true), "{name}");
        assert_eq!(user["seccompProfile"]["type"].as_str(), Some("RuntimeDefault"), "{name}");
        let (id, group) =
            (user["runAsUser"].as_u64().unwrap(), user["runAsGroup"].as_u64().unwrap());
        assert_eq!(compose["user"].as_str().unwrap(), format!("{id}:{group}"), "{name}");
        let container = &pod["containers"][0];
        let rights = &container["securityContext"];
        assert_eq!(rights["allowPrivilegeEscalation"].as_bool(), Some(false), "{name}");
        assert_eq!(rights["readOnlyRootFilesystem"].as_bool(), Some(true), "{name}");
        assert_eq!(rights["capabilities"]["drop"][0].as_str(), Some("ALL"), "{name}");
        let limits = &container["resources"]["limits"];
        let ours = &compose["deploy"]["resources"]["limits"];
        let memory = |value: &Value| megabytes(value["memory"].as_str().unwrap());
        assert_eq!(memory(limits), memory(ours), "{name}");
        let image = compose["image"].as_str().unwrap();
        let image =
            image.split_once(":-").map_or(image, |(_, default)| default.trim_end_matches('}'));
        assert_eq!(container["image"].as_str(), Some(image), "{name}");
    }
}

#[test]
fn a_stop_takes_no_longer_than_the_cluster_waits() {
    let [(_, desk), ..] = pods();
    let drain = VARIABLES.iter().find(|variable| variable.name == "DRAIN_SECONDS").unwrap();
    let Requirement::Default(drain) = drain.requirement else { panic!("it has a default") };
    let grace = desk["terminationGracePeriodSeconds"].as_u64().unwrap();
    assert!(grace >= drain.parse::<u64>().unwrap() + 10, "{grace}");
}

#[test]
fn only_a_desk_that_hangs_is_restarted() {
    let [(_, desk), ..] = pods();
    let container = &desk["containers"][0];
    for (probe, path) in
        [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
    {
        assert_eq!(container[probe]["httpGet"]["path"].as_str(), Some(path));
        // Another host in the request would be refused by the desk.
        assert!(container[probe]["httpGet"]["host"].is_null(), "{probe}");
    }
    assert_eq!(settings()[0]["OPS_HOST"], "0.0.0.0");
}

/// Each variable of the program is there, as Compose sets it, and a secret only as a file.
#[test]
fn the_settings_are_those_of_the_program_and_of_compose() {
    let [set, shown] = settings();
    for variable in VARIABLES {
        let file = format!("{}_FILE", variable.name);
        let name = if variable.secret { &file } else { variable.name };
        assert!(set.contains_key(name) ^ shown.contains_key(name), "{name}");
        let plain = set.contains_key(variable.name) || shown.contains_key(variable.name);
        assert!(!variable.secret || !plain, "{} is a secret", variable.name);
    }
    let compose = within("docker-compose.yml");
    let ours: &Mapping = compose["x-desk"]["environment"].as_mapping().unwrap();
    for (name, value) in ours {
        assert_eq!(set[name.as_str().unwrap()], value.as_str().unwrap());
    }
    assert_eq!(set.len(), ours.len() + 2, "the owner and the group are each desk's own");
    let secret = object("desk/secret.example.yaml", "Secret");
    for file in set.values().filter_map(|value| value.strip_prefix("/run/secrets/")) {
        assert_eq!(secret["stringData"][file].as_str(), Some("REPLACE-ME"), "{file}");
    }
    assert!(!text(&format!("{FOLDER}/desk/kustomization.yaml")).contains("secret"));
}

#[test]
fn prometheus_gives_the_labels_by_which_rules_know_the_desk() {
    let config: Value = serde_norway::from_str(&text("prometheus/prometheus.yml")).unwrap();
    let jobs = config["scrape_configs"].as_sequence().unwrap();
    let job = jobs.iter().find(|job| job["job_name"].as_str() == Some("supportbot")).unwrap();
    let monitor = object("monitoring/pod-monitor.yaml", "PodMonitor");
    let endpoint = &monitor["spec"]["podMetricsEndpoints"][0];
    assert_eq!(endpoint["interval"], job["scrape_interval"]);
    assert_eq!(endpoint["scrapeTimeout"], job["scrape_timeout"]);
    let relabelings = endpoint["relabelings"].as_sequence().unwrap();
    let gives = |label: &str| {
        let one = relabelings.iter().find(|one| one["targetLabel"].as_str() == Some(label));
        one.and_then(|one| one["replacement"].as_str())
    };
    assert_eq!((gives("job"), gives("service")), (Some("supportbot"), Some("supportbot")));
    // It is an external label of Prometheus. On some alerts only, inhibitions that compare it would fail.
    let labels: Vec<&str> =
        relabelings.iter().filter_map(|one| one["targetLabel"].as_str()).collect();
    assert!(!labels.contains(&"environment"), "{labels:?}");
}

/// Every alert is as in Compose's setup, but for the command that it begins with.
#[test]
fn the_rules_are_all_there_with_the_commands_of_a_cluster() {
    for file in
        fs::read_dir(root().join("prometheus/rules")).unwrap().map(|one| one.unwrap().path())
    {
        if file.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        let name = file.file_stem().unwrap().to_str().unwrap();
        let ours: Value = serde_norway::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let theirs = object(&format!("monitoring/rules-{name}.yaml"), "PrometheusRule");
        let without_actions = |groups: &Value| {
            let (mut groups, mut actions) = (groups.clone(), Vec::new());
            for group in groups.as_sequence_mut().unwrap() {
                for rule in group["rules"].as_sequence_mut().unwrap() {
                    let annotations = rule.get_mut("annotations").and_then(Value::as_mapping_mut);
                    actions.extend(annotations.and_then(|all| all.remove("action")));
                }
            }
            (groups, actions)
        };
        let (ours, actions) = without_actions(&ours["groups"]);
        let (theirs, their_actions) = without_actions(&theirs["spec"]["groups"]);
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(actions.len(), their_actions.len(), "{name}");
        for (action, there) in actions.iter().zip(&their_actions) {
            // What operators do in Telegram is the same everywhere.
            let in_telegram = action.as_str().unwrap().starts_with("in the operators' group");
            let there = there.as_str().unwrap();
            assert!(in_telegram || there.starts_with("kubectl "), "{there}");
            assert!(!there.contains("docker") && there.len() <= 200, "{there}");
        }
    }
}

#[test]
fn the_dashboards_are_found_by_grafana() {
    for file in
        fs::read_dir(root().join("grafana/dashboards")).unwrap().map(|one| one.unwrap().path())
    {
        let name = file.file_name().unwrap().to_str().unwrap();
        let uid = name.trim_end_matches(".json");
        let map = object(&format!("monitoring/dashboard-{uid}.yaml"), "ConfigMap");
        assert_eq!(map["metadata"]["labels"]["grafana_dashboard"].as_str(), Some("1"));
        assert_eq!(map["data"][name].as_str(), Some(fs::read_to_string(&file).unwrap().as_str()));
    }
}
