//! The Dockerfile and the compose file, held to the program and to what they promise.

use std::{collections::BTreeSet, fs, path::Path};

use serde_norway::{Mapping, Value};
use support_bot::config::VARIABLES;

/// Made by whoever installs the desk, as the README says.
const MADE_BY_THE_OWNER: &[&str] = &[".env", "./secrets/bot_token"];

/// Variables of the compose file itself, with the default that it names.
const OF_COMPOSE: &[&str] = &["SUPPORT_BOT_VERSION", "SUPPORT_BOT_REVISION"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn compose() -> Value {
    let mut compose: Value = serde_norway::from_str(&text("docker-compose.yml")).unwrap();
    // What is merged may merge in its turn.
    compose.apply_merge().unwrap();
    compose.apply_merge().unwrap();
    compose
}

/// The services by name.
fn services(compose: &Value) -> Vec<(String, Mapping)> {
    let services = compose["services"].as_mapping().unwrap();
    let service = |(name, service): (&Value, &Value)| {
        (name.as_str().unwrap().to_owned(), service.as_mapping().unwrap().clone())
    };
    services.iter().map(service).collect()
}

/// The strings of a list.
fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_sequence).into_iter().flatten();
    list.map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Every string of a document.
fn leaves(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(leaf) => into.push(leaf.clone()),
        Value::Sequence(list) => list.iter().for_each(|one| leaves(one, into)),
        Value::Mapping(map) => map.values().for_each(|one| leaves(one, into)),
        Value::Tagged(tagged) => leaves(&tagged.value, into),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_service_is_hardened() {
    for (name, service) in services(&compose()) {
        let says = |key: &str| service.get(key).unwrap_or_else(|| panic!("{name}: no {key}"));
        assert_eq!(says("restart").as_str(), Some("always"), "{name}");
        assert_eq!(says("read_only").as_bool(), Some(true), "{name}");
        assert_eq!(strings(service.get("cap_drop")), ["ALL"], "{name}");
        assert!(
            strings(service.get("security_opt")).contains(&"no-new-privileges:true".to_owned()),
            "{name}"
        );
        let user = says("user").as_str().unwrap();
        assert!(
            user.split(':').all(|part| part.parse::<u32>().is_ok_and(|id| id > 0)),
            "{name}: {user}"
        );
        assert!(says("logging")["options"]["max-size"].is_string(), "{name}");
        let limits = &says("deploy")["resources"]["limits"];
        for limit in ["cpus", "memory", "pids"] {
            assert!(!limits[limit].is_null(), "{name}: no limit of {limit}");
        }
        assert!(!strings(service.get("networks")).is_empty(), "{name}");
        assert!(service.get("privileged").is_none() && service.get("network_mode").is_none());
    }
}

#[test]
fn nothing_is_open_to_the_world_but_the_web_server() {
    for (name, service) in services(&compose()) {
        for port in strings(service.get("ports")) {
            let public = name == "caddy" && ["80:80", "443:443"].contains(&port.as_str());
            assert!(public || port.starts_with("127.0.0.1:"), "{name} publishes {port}");
        }
    }
}

#[test]
fn every_image_has_an_exact_tag() {
    for (name, service) in services(&compose()) {
        let image = service.get("image").and_then(Value::as_str).unwrap();
        let tag =
            image.rsplit_once(':').map(|(_, tag)| tag.trim_end_matches('}')).unwrap_or_default();
        let numbered =
            tag.trim_start_matches('-').chars().next().is_some_and(|c| c.is_ascii_digit());
        assert!(numbered && tag.matches('.').count() >= 2, "{name}: {image}");
    }
}

#[test]
fn every_path_exists_or_is_the_owners() {
    let compose = compose();
    let mut leaves_found = Vec::new();
    leaves(&compose, &mut leaves_found);
    let mut seen = BTreeSet::new();
    for leaf in &leaves_found {
        let path = leaf.split(':').next().unwrap_or_default();
        if !path.starts_with("./") && path != ".env" {
            continue;
        }
        seen.insert(path.to_owned());
        let there = MADE_BY_THE_OWNER.contains(&path) || root().join(path).exists();
        assert!(there, "docker-compose.yml names {path}, which does not exist");
    }
    for path in MADE_BY_THE_OWNER {
        assert!(seen.contains(*path), "{path} is not asked for");
        assert!(
            text("README.md").contains(path.trim_start_matches("./")),
            "{path}: not in the README"
        );
    }
}

#[test]
fn every_variable_is_one_of_the_program_or_has_a_default() {
    let source = text("docker-compose.yml");
    for (at, _) in source.match_indices("${") {
        let inside = source[at + 2..].split('}').next().unwrap();
        let (name, default) =
            inside.split_once(":-").unwrap_or_else(|| panic!("{inside}: no default"));
        assert!(OF_COMPOSE.contains(&name) && !default.is_empty(), "{inside}");
    }
    let compose = compose();
    let (_, desk) = services(&compose).into_iter().find(|(name, _)| name == "support-bot").unwrap();
    let environment = desk["environment"].as_mapping().unwrap();
    for name in environment.keys().map(|name| name.as_str().unwrap()) {
        let plain = name.strip_suffix("_FILE");
        let known = |variable: &&support_bot::config::Variable| {
            variable.name == name || (variable.secret && Some(variable.name) == plain)
        };
        assert!(VARIABLES.iter().any(|variable| known(&variable)), "{name} is no setting");
    }
}

#[test]
fn the_image_holds_the_program_alone_for_a_user_without_rights() {
    let dockerfile = text("Dockerfile");
    assert!(!dockerfile.contains("# syntax="), "it would be pulled");
    let lines = |word: &'static str| {
        dockerfile.lines().filter_map(move |line| line.strip_prefix(word)).collect::<Vec<_>>()
    };
    assert_eq!(lines("USER "), ["65532:65532"]);
    assert!(lines("HEALTHCHECK ")[0].contains(r#"CMD ["support-bot", "healthcheck"]"#));
    assert_eq!(lines("ENTRYPOINT "), [r#"["support-bot"]"#]);
    assert!(lines("COPY ").iter().all(|copied| copied.starts_with("--from=build")));
    let rust = format!("rust:{}.0-bookworm AS build", env!("CARGO_PKG_RUST_VERSION"));
    assert_eq!(lines("FROM ")[0], rust);
    for line in text(".dockerignore").lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(root().join(line).exists(), ".dockerignore keeps {line}, which does not exist");
    }
}
