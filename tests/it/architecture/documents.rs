//! The documents name only metrics, settings, files and tests that exist.

use std::collections::BTreeSet;

use support_bot::{
    config::VARIABLES,
    telemetry::{Catalogue, Kind},
};

use super::tree::{files, root, sources, text};

/// The documents that people read first.
const DOCUMENTS: [&str; 5] =
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

/// All documents whose names and paths are checked: those, and the book.
fn documents() -> Vec<String> {
    DOCUMENTS.map(str::to_owned).into_iter().chain(files("docs", &["md"])).collect()
}

/// Upper-case names in the documents that are not settings of the desk.
const NOT_SETTINGS: [&str; 21] = [
    "CADDY_ALLOW_FROM",
    "CARGO_TARGET_DIR",
    "COMPOSE_FILE",
    "COMPOSE_PROFILES",
    "DEPLOYED_IMAGE_IS_BUILT",
    "DEPLOY_HOST",
    "DEPLOY_KEY",
    "DEPLOY_KNOWN_HOSTS",
    "DEPLOY_USER",
    "DESKS_IN_REDIS",
    "GRAFANA_URL",
    "NEXTEST_STATUS_LEVEL",
    "NOT_HERE",
    "NOT_ONLY_LISTS",
    "REDIS_SERVER",
    "RUNBOOKS_URL",
    "RUSH_USERS",
    "RUSTDOCFLAGS",
    "SUPPORT_BOT_IMAGE",
    "SUPPORT_BOT_VERSION",
    "WRITE_REFERENCE",
];

/// Words made of the characters that `of_word` accepts.
fn words(text: &str, of_word: impl Fn(char) -> bool) -> BTreeSet<&str> {
    text.split(|c| !of_word(c)).filter(|word| !word.is_empty()).collect()
}

/// The texts between backticks.
fn quoted(text: &str) -> Vec<&str> {
    let fence = |line: &&str| line.starts_with("```");
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if fence(&line) {
            inside = !inside;
        } else if !inside {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// Metrics that a text names but the catalogue lacks.
fn unknown_metrics<'a>(text: &'a str, catalogue: &Catalogue) -> Vec<&'a str> {
    let known = |word: &str| {
        catalogue.metrics.iter().any(|metric| {
            let part = word.strip_prefix(metric.name);
            let histogram = matches!(metric.kind, Kind::Histogram(_));
            part == Some("") || histogram && matches!(part, Some("_bucket" | "_sum" | "_count"))
        })
    };
    // Names with colons belong to recording rules.
    let words = words(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    words
        .into_iter()
        .map(|word| word.trim_end_matches(':'))
        .filter(|word| word.starts_with("supportbot_") && !known(word))
        .collect()
}

/// Names that look like settings but are not.
fn unknown_settings(text: &str) -> Vec<&str> {
    let known = |word: &str| {
        let secret = word.strip_suffix("_FILE");
        NOT_SETTINGS.contains(&word)
            || VARIABLES.iter().any(|variable| {
                variable.name == word || variable.secret && Some(variable.name) == secret
            })
    };
    let looks = |word: &&str| {
        word.contains('_')
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    quoted(text)
        .into_iter()
        .map(|word| word.split('=').next().unwrap_or(word))
        .filter(looks)
        .filter(|word| !known(word) && *word != "NAME_FILE")
        .collect()
}

/// Paths in backticks that do not exist.
fn unknown_paths(text: &str) -> Vec<&str> {
    const FOLDERS: [&str; 15] = [
        "crates/",
        "deploy/",
        "docs/",
        ".github/",
        "caddy/",
        "src/",
        "tests/",
        "bin/",
        ".ci/",
        ".config/",
        "locales/",
        "alertmanager/",
        "monitoring/",
        "prometheus/",
        "grafana/",
    ];
    let is_path = |word: &&str| {
        FOLDERS.iter().any(|folder| word.starts_with(folder))
            && !word.contains(['*', '<', '{', '…'])
    };
    let path = |word: &'_ str| word.split([' ', ':']).next().map(str::to_owned).unwrap_or_default();
    quoted(text)
        .into_iter()
        .filter(is_path)
        .filter(|word| !root().join(path(word)).exists())
        .collect()
}

#[test]
fn every_named_metric_is_in_the_catalogue() {
    let catalogue = Catalogue::new();
    let folders = ["monitoring", "prometheus", "grafana", "alertmanager"];
    let configured =
        folders.iter().flat_map(|folder| files(folder, &["md", "yml", "yaml", "json", "tmpl"]));
    for path in documents().into_iter().chain(configured) {
        let page = text(&path);
        let unknown = unknown_metrics(&page, &catalogue);
        assert!(unknown.is_empty(), "{path} names metrics that do not exist: {unknown:?}");
    }
}

#[test]
fn every_named_setting_exists() {
    for path in documents() {
        let page = text(&path);
        let unknown = unknown_settings(&page);
        assert!(unknown.is_empty(), "{path} names settings that do not exist: {unknown:?}");
    }
}

#[test]
fn every_named_path_exists() {
    for path in documents() {
        let page = text(&path);
        let unknown = unknown_paths(&page);
        assert!(unknown.is_empty(), "{path} names paths that do not exist: {unknown:?}");
    }
}

#[test]
fn every_test_cited_for_a_promise_exists() {
    let code: String = sources().iter().map(|path| text(path)).collect();
    let looks = |word: &&str| {
        word.matches('_').count() > 2
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let defined =
        |name: &str| ["(", "<"].iter().any(|next| code.contains(&format!("fn {name}{next}")));
    for path in files("docs/develop", &["md"]).into_iter().chain(["ARCHITECTURE.md".to_owned()]) {
        let page = text(&path);
        let named =
            quoted(&page).into_iter().filter(looks).filter(|word| !word.starts_with("supportbot_"));
        let lost: Vec<&str> = named.filter(|name| !defined(name)).collect();
        assert!(lost.is_empty(), "{path} names tests that do not exist: {lost:?}");
    }
}

/// The types in the table of an update's life.
fn types_on_the_way(page: &str) -> Vec<&str> {
    let table = page.lines().skip_while(|line| !line.starts_with("| hop |")).skip(2);
    let rows = table.take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| row.rsplit('|').nth(1)).flat_map(quoted).collect()
}

#[test]
fn an_update_meets_few_types_on_its_way() {
    let page = text("ARCHITECTURE.md");
    let types = types_on_the_way(&page);
    let code: String = sources().iter().map(|path| text(path)).collect();
    for name in &types {
        let defined =
            ["struct", "enum"].iter().any(|kind| code.contains(&format!("{kind} {name} {{")));
        assert!(defined || code.contains(&format!("struct {name}(")), "no type is called {name}");
    }
    assert!((1..=30).contains(&types.len()), "{} types", types.len());
}

#[test]
fn missing_names_are_found() {
    let catalogue = Catalogue::new();
    let histogram =
        catalogue.metrics.iter().find(|metric| matches!(metric.kind, Kind::Histogram(_)));
    let histogram = histogram.unwrap().name;
    let page = format!("rate({histogram}_bucket[5m]) {histogram} supportbot_no_such_total");
    assert_eq!(unknown_metrics(&page, &catalogue), ["supportbot_no_such_total"]);
    let page = "`BOT_TOKEN`, `BOT_TOKEN_FILE`, `DATA_DIR=/x`, `OPS_PORT_FILE`, `NO_SUCH`, OTHER_TEXT, `CI`";
    assert_eq!(unknown_settings(page), ["OPS_PORT_FILE", "NO_SUCH"]);
    let page =
        "`src/lib.rs`, `bin/test quick`, `src/no/such.rs`, `tests/it/<name>.rs`\n```\n`src/x`\n```";
    assert_eq!(unknown_paths(page), ["src/no/such.rs"]);
}
