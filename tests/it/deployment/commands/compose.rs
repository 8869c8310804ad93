//! Checks a `docker compose …` of the book: the files, profiles and services that it names exist, and so do its options.

use std::sync::LazyLock;

use serde_norway::Value;

use super::super::compose::{INCLUDED, compose, root, services, strings, text};

/// Both compose files, read once.
static COMPOSE: LazyLock<Value> = LazyLock::new(compose);

/// A subcommand: its options without a value, and those with one; whether it names services.
type Subcommand = (&'static str, &'static [&'static str], &'static [&'static str]);

const SUBCOMMANDS: &[Subcommand] = &[
    ("build", &["--pull"], &[]),
    ("config", &["--services", "--quiet"], &[]),
    ("cp", &[], &[]),
    ("down", &["--volumes"], &["--timeout"]),
    ("exec", &["-T"], &["--user"]),
    ("images", &[], &[]),
    ("kill", &[], &["--signal"]),
    ("logs", &["-f"], &["--tail", "--since"]),
    ("ps", &["--all", "--services"], &["--status"]),
    ("pull", &[], &[]),
    ("restart", &[], &[]),
    ("run", &["--rm", "--no-deps", "-T"], &["--user", "-e"]),
    ("start", &[], &[]),
    ("stop", &[], &[]),
    ("up", &["-d", "--wait", "--no-start", "--force-recreate", "--no-deps", "--build"], &[]),
    ("version", &["--short"], &[]),
];

/// What is to be checked further: arguments for the desk's own program.
pub(super) fn check(arguments: &[String]) -> Result<Vec<String>, String> {
    let mut rest = arguments.iter().map(String::as_str);
    let subcommand = loop {
        match rest.next().ok_or("without a subcommand")? {
            "--profile" => is_profile(rest.next().unwrap_or_default())?,
            "-f" => is_file(rest.next().unwrap_or_default())?,
            other => break other,
        }
    };
    let known = SUBCOMMANDS.iter().find(|(name, ..)| *name == subcommand);
    let (_, plain, valued) = known.ok_or_else(|| format!("no subcommand {subcommand}"))?;
    let mut named = Vec::new();
    while let Some(word) = rest.next() {
        if valued.contains(&word) {
            rest.next().ok_or_else(|| format!("{word} has no value"))?;
        } else if word.starts_with('-') && !plain.contains(&word) {
            return Err(format!("no option {word} of {subcommand}"));
        } else if !word.starts_with('-') {
            named.push(word);
            if ["exec", "run"].contains(&subcommand) {
                is_service(word)?;
                return inside(subcommand, word, rest.map(str::to_owned).collect());
            }
        }
    }
    if subcommand == "cp" {
        let mut from = named.iter().filter_map(|path| path.split_once(':'));
        return from.try_for_each(|(service, _)| is_service(service)).map(|()| vec![]);
    }
    named.into_iter().try_for_each(is_service).map(|()| vec![])
}

/// What runs in the container of a service: all services of the desk run the desk's program.
fn inside(how: &str, service: &str, rest: Vec<String>) -> Result<Vec<String>, String> {
    match (how, service.starts_with("support-bot")) {
        ("run", true) => Ok([vec!["support-bot".to_owned()], rest].concat()),
        ("exec", true) if rest.first().is_some_and(|first| first == "support-bot") => Ok(rest),
        _ if rest.is_empty() => Err("nothing is run".to_owned()),
        _ => Ok(vec![]),
    }
}

fn is_service(name: &str) -> Result<(), String> {
    let known = services(&COMPOSE).iter().any(|(service, _)| service == name);
    if known { Ok(()) } else { Err(format!("no service {name}")) }
}

pub(super) fn is_profile(name: &str) -> Result<(), String> {
    let services = services(&COMPOSE);
    let known = services
        .iter()
        .any(|(_, service)| strings(service.get("profiles")).iter().any(|profile| profile == name));
    if known { Ok(()) } else { Err(format!("no profile {name}")) }
}

fn is_file(path: &str) -> Result<(), String> {
    if root().join(path).exists() { Ok(()) } else { Err(format!("no file {path}")) }
}

/// Checks a line of `.env` that Compose reads.
pub(super) fn check_setting(name: &str, value: &str) -> Result<(), String> {
    match name {
        "COMPOSE_FILE" => value.split(':').try_for_each(is_file),
        "COMPOSE_PROFILES" => value.split(',').try_for_each(is_profile),
        _ if ["docker-compose.yml", INCLUDED]
            .iter()
            .any(|file| text(file).contains(&format!("${{{name}:-"))) =>
        {
            Ok(())
        }
        _ => Err(format!("no setting {name}")),
    }
}

/// Whether a word such as `support-bot_redis` or `support-bot_data:/data` is a volume or a network of the project.
pub(super) fn is_part(word: &str) -> bool {
    let project = COMPOSE["name"].as_str().unwrap();
    let word = word.split(':').next().unwrap_or_default();
    let Some(name) = word.strip_prefix(project).and_then(|rest| rest.strip_prefix('_')) else {
        return true;
    };
    let has = |part: &Value| part.as_mapping().unwrap().contains_key(name);
    has(&COMPOSE["volumes"]) || has(&COMPOSE["networks"])
}
