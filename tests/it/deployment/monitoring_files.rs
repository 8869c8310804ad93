//! The monitoring services as composed: they reach the desk and little else, fit into their memory, and can be left
//! out.

use std::{collections::BTreeSet, fs};

use serde_norway::{Mapping, Value};

use super::compose::{
    INCLUDED, all_strings, compose, megabytes, networks, root, service, services, strings, text,
    within,
};

/// The sections of a runbook, in order.
const PARTS: [&str; 6] =
    ["Meaning", "Impact", "Diagnosis", "Mitigation", "Verify it is over", "False alarms"];

/// The service that probes the webhook.
const PROBES: &str = "blackbox-exporter";

/// The monitoring services.
fn watchers() -> Vec<(String, Mapping)> {
    services(&within(INCLUDED))
}

/// The file in the checkout that is mounted at this path of a container, if there is one.
fn mounted(service: &Mapping, path: &str) -> Option<String> {
    let volumes = strings(service.get("volumes"));
    volumes.iter().find_map(|volume| {
        let mut parts = volume.split(':');
        let (from, to) = (parts.next()?.strip_prefix("./")?, parts.next()?);
        Some(format!("{from}{}", path.strip_prefix(to)?))
    })
}

/// The words of a text that begin with `begin`.
fn words<'a>(text: &'a str, begin: &str) -> BTreeSet<&'a str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_/.-".contains(c));
    words.filter(|word| word.starts_with(begin)).map(|word| word.trim_end_matches('.')).collect()
}

/// A text without its comments.
fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_alertmanager_reaches_the_internet() {
    let compose = compose();
    for (name, service) in watchers() {
        for network in networks(&service) {
            let network_is = &compose["networks"][network.as_str()];
            let masked = "com.docker.network.bridge.enable_ip_masquerade";
            let closed = network_is["internal"].as_bool() == Some(true)
                || network_is["driver_opts"][masked].as_str() == Some("false");
            let telegram = name == "alertmanager" && network == "egress";
            assert!(closed || telegram, "{name} can reach the internet through {network}");
        }
    }
}

#[test]
fn each_monitoring_service_is_in_the_networks_of_the_desk() {
    for name in ["support-bot", "support-bot-2"] {
        assert!(networks(&service(name)).contains(&"monitoring".to_owned()));
    }
    for (name, service) in watchers().into_iter().filter(|(name, _)| name != PROBES) {
        assert!(
            networks(&service).contains(&"monitoring".to_owned()),
            "{name} is not on the network of the other services"
        );
    }
}

/// Whoever takes over Caddy, or makes the probe ask for something else, reaches neither Alertmanager nor Redis.
#[test]
fn caddy_shares_a_network_only_with_desks_prometheus_and_the_probe() {
    for web in ["support-caddy", "support-caddy-2"] {
        let ways = networks(&service(web));
        let met = services(&compose()).into_iter().filter(|(name, service)| {
            !name.starts_with("support-caddy")
                && networks(service).iter().any(|way| ways.contains(way))
        });
        let met: Vec<String> = met.map(|(name, _)| name).collect();
        assert_eq!(met, ["support-bot", "support-bot-2", "prometheus", PROBES], "{web}");
    }
    assert_eq!(networks(&service(PROBES)), ["edge"]);
}

/// Where neither profile is chosen, there is no target and so no alert.
#[test]
fn the_proxy_is_watched_where_it_runs() {
    let profiles = |name: &str| strings(service(name).get("profiles"));
    let both: Vec<String> =
        ["support-caddy", "support-caddy-2"].iter().flat_map(|web| profiles(web)).collect();
    assert_eq!(profiles(PROBES), both);
    for web in ["support-caddy", "support-caddy-2"] {
        let edge = &service(web)["networks"]["edge"];
        assert_eq!(strings(edge.get("aliases")), ["support-proxy"], "{web}");
        let ports = strings(service(web).get("ports")).join(" ");
        assert!(!ports.contains("2443") && !ports.contains("2021"), "{web}: {ports}");
    }
    let config: Value = serde_norway::from_str(&text("prometheus/prometheus.yml")).unwrap();
    let jobs = config["scrape_configs"].as_sequence().unwrap();
    let job = |name: &str| jobs.iter().find(|job| job["job_name"].as_str() == Some(name)).unwrap();
    let caddyfile = text("caddy/Caddyfile");
    for (name, asked, port) in [("webhook", PROBES, 9115), ("caddy", "support-proxy", 2021)] {
        let found = &job(name)["dns_sd_configs"][0];
        assert_eq!(strings(found.get("names")), [asked], "{name}");
        assert_eq!(found["port"].as_u64(), Some(port), "{name}");
    }
    let target = job("webhook")["params"]["target"][0].as_str().unwrap();
    assert_eq!(target, "https://support-proxy:2443/");
    for site in ["https://:2443 {", "http://:2021 {"] {
        let inside = caddyfile.split(site).nth(1).unwrap().split("\n}").next().unwrap();
        assert!(inside.contains("@elsewhere not remote_ip private_ranges"), "{site} {inside}");
        assert!(inside.contains("respond @elsewhere 403"), "{site} {inside}");
    }
}

#[test]
fn each_monitoring_service_knows_its_memory_limit() {
    for (name, service) in watchers() {
        let limit = service["deploy"]["resources"]["limits"]["memory"].as_str().unwrap();
        let value = service["environment"]["GOMEMLIMIT"].as_str().unwrap();
        let (limit, value) = (megabytes(limit), megabytes(value));
        assert!(
            value * 10 <= limit * 9,
            "{name}: its own limit of {value} is too close to the container's limit of {limit}"
        );
    }
}

#[test]
fn prometheus_keeps_samples_for_the_window_of_the_slo() {
    let command = strings(service("prometheus").get("command")).join(" ");
    let days = command.split("--storage.tsdb.retention.time=").nth(1).unwrap();
    let days: u32 = days.split('d').next().unwrap().parse().unwrap();
    assert!(days > 30, "{days}");
    assert!(command.contains("--storage.tsdb.retention.size="), "the disk usage is not bounded");
    assert!(
        command.contains("--rules.alert.resend-delay=10s"),
        "the watchdog would be reported too late"
    );
}

#[test]
fn every_path_in_a_container_is_mounted() {
    for (name, service) in watchers() {
        let mut found = Vec::new();
        all_strings(&Value::Mapping(service.clone()), &mut found);
        for leaf in found.iter().filter(|leaf| !leaf.starts_with("./")) {
            let path = leaf.split_once("=/").map_or(leaf.clone(), |(_, path)| format!("/{path}"));
            if path.starts_with("/etc/") {
                let here = mounted(&service, &path);
                assert!(
                    here.as_ref().is_some_and(|here| root().join(here).exists()),
                    "{name}: {path} resolves to {here:?}"
                );
            }
        }
    }
}

#[test]
fn alertmanager_gets_its_secrets_and_checks_them_before_it_starts() {
    let given: BTreeSet<String> =
        strings(service("alertmanager").get("secrets")).into_iter().collect();
    let config = without_comments(&text("alertmanager/alertmanager.yml"));
    let read = words(&config, "/run/secrets/");
    let read: BTreeSet<String> =
        read.iter().map(|path| path.trim_start_matches("/run/secrets/").to_owned()).collect();
    assert_eq!(read, given);
    let start = text("alertmanager/start");
    let looked_at = start.lines().filter_map(|line| line.trim_start().strip_prefix("check "));
    let looked_at: BTreeSet<String> =
        looked_at.map(|rest| rest.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(looked_at, given);
}

#[test]
fn the_watchdog_alert_goes_to_the_desk_that_waits_for_it() {
    let config: Value = serde_norway::from_str(&text("alertmanager/alertmanager.yml")).unwrap();
    let receivers = config["receivers"].as_sequence().unwrap();
    let watchdog = receivers.iter().find(|one| one["name"].as_str() == Some("watchdog")).unwrap();
    let url = watchdog["webhook_configs"][0]["url"].as_str().unwrap();
    let desk = service("support-bot");
    let port = desk["environment"]["OPS_PORT"].as_str().unwrap();
    assert_eq!(url, format!("http://support-bot:{port}/watchdog"));
    let waits: Vec<String> = services(&compose())
        .into_iter()
        .filter(|(_, service)| {
            let environment = service.get("environment");
            environment.is_some_and(|all| !all["WATCHDOG_TOKEN_FILE"].is_null())
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        waits,
        ["support-bot"],
        "only the desk may expect a watchdog, and not without monitoring"
    );
}

#[test]
fn every_alert_in_the_alertmanager_files_has_a_runbook() {
    for path in ["alertmanager/alertmanager.yml", "alertmanager/check"] {
        let page = text(path);
        for alert in words(&page, "Supportbot") {
            let runbook = format!("monitoring/runbooks/{alert}.md");
            assert!(
                root().join(&runbook).exists(),
                "{path} names {alert}, but {runbook} does not exist"
            );
        }
    }
}

#[test]
fn every_runbook_has_all_sections() {
    let pages = fs::read_dir(root().join("monitoring/runbooks")).unwrap();
    for page in pages.map(|page| page.unwrap().path()) {
        let text = fs::read_to_string(&page).unwrap();
        let name = page.file_stem().unwrap().to_str().unwrap();
        assert!(text.starts_with(&format!("# {name}\n")), "the title of {name} differs");
        let parts: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(parts, PARTS, "{name}");
        for part in PARTS {
            let after = text.split(&format!("## {part}\n")).nth(1).unwrap();
            let body = after.split("\n## ").next().unwrap();
            assert!(body.trim().len() > 20, "{name} has no section {part}");
        }
    }
}

#[test]
fn without_monitoring_the_desk_waits_for_no_watchdog_alert() {
    let without: Value = serde_norway::from_str(&text("docker-compose.unwatched.yml")).unwrap();
    let changed = without["services"].as_mapping().unwrap();
    let value = &changed["support-bot"]["environment"]["WATCHDOG_TOKEN_FILE"];
    assert_eq!(value.as_str(), Some(""));
    let removed: BTreeSet<String> = changed
        .iter()
        .filter(|(_, change)| matches!(change, Value::Tagged(tagged) if tagged.tag == "!reset"))
        .map(|(name, _)| name.as_str().unwrap().to_owned())
        .collect();
    let all: BTreeSet<String> = watchers().into_iter().map(|(name, _)| name).collect();
    assert_eq!(removed, all);
    assert!(
        text("monitoring/README.md")
            .contains("COMPOSE_FILE=docker-compose.yml:docker-compose.unwatched.yml")
    );
}
