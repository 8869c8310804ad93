//! Layers of the program depend only inwards, and each layer uses only the crates that its table row allows. The
//! dependencies of the other crates of the workspace are in their own `Cargo.toml`, which Cargo enforces.

use std::collections::BTreeSet;

use super::{
    names::names,
    tree::{crates, files, module, text},
};

/// Crates of this workspace. They lie inside all layers: a layer may use any of them if the table says so.
const WORKSPACE: &[&str] = &["domain", "ports", "telegram_simulator"];

/// A folder of `src/`, from the inside out, and what it may use besides itself.
struct Layer {
    folder: &'static str,
    ours: Ours,
    crates: Crates,
}

enum Ours {
    Only(&'static [&'static str]),
    Any,
}

enum Crates {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// Crates that only one adapter may use.
const ADAPTERS: &[&str] = &["teloxide", "reqwest", "rusqlite", "fred", "jiff", "toml"];

/// The table of ARCHITECTURE.md, "Layers".
const LAYERS: &[Layer] = &[
    layer("files", &[], &["tempfile", "thiserror"]),
    layer("spelling", &[], &["strsim"]),
    layer(
        "i18n",
        &["domain", "files", "spelling"],
        &["fluent_bundle", "fluent_syntax", "tempfile"],
    ),
    layer(
        "network",
        &[],
        &[
            "openssl_probe",
            "reqwest",
            "rustls",
            "rustls_native_certs",
            "secrecy",
            "thiserror",
            "tokio",
            "webpki_roots",
        ],
    ),
    layer(
        "config",
        &["files", "spelling", "network"],
        &[
            // For its tests.
            "proptest",
            "secrecy",
            "sentry",
            "thiserror",
            "tracing_subscriber",
            "url",
        ],
    ),
    layer(
        "telemetry",
        &["network"],
        &[
            "metrics",
            "metrics_exporter_prometheus",
            "metrics_process",
            "secrecy",
            "sentry",
            // For crash files.
            "serde",
            "serde_json",
            // For crash files of tests.
            "tempfile",
            "thiserror",
            "tokio",
            "tracing",
            "tracing_subscriber",
            // For Sentry's transport.
            "reqwest",
        ],
    ),
    layer(
        "engine",
        &["domain", "ports", "telemetry", "i18n"],
        &[
            "fastrand",
            "futures_util",
            // For property tests, which stay beside the code that they test.
            "proptest",
            "tokio",
            "tokio_util",
            "tracing",
        ],
    ),
    layer("adapters/codec", &["domain"], &["serde", "serde_json", "thiserror"]),
    layer("adapters/import", &["domain"], &["serde_json"]),
    layer("adapters/cache", &["domain"], &["lru"]),
    layer(
        "adapters/backup",
        &["domain", "ports", "files", "adapters/codec"],
        &["flate2", "serde", "serde_json", "sha2", "thiserror", "tempfile"],
    ),
    layer(
        "adapters/sqlite",
        &["domain", "ports", "files", "adapters/codec", "adapters/cache"],
        &["rusqlite", "thiserror", "tokio"],
    ),
    layer(
        "adapters/redis",
        &["domain", "ports", "network", "adapters/codec", "adapters/cache"],
        &["fastrand", "fred", "futures_util", "lru", "secrecy", "thiserror", "tokio"],
    ),
    layer(
        "adapters/telegram",
        &["domain", "ports", "files", "network"],
        &[
            "fastrand",
            "httpdate",
            "reqwest",
            "secrecy",
            "serde",
            "serde_json",
            "teloxide",
            "thiserror",
            "tracing",
            "url",
        ],
    ),
    layer("adapters/alertmanager", &["domain", "network"], &["reqwest", "serde", "serde_json"]),
    layer(
        "adapters/tgtrack",
        &["domain", "ports", "network"],
        &["reqwest", "secrecy", "serde", "serde_json", "thiserror"],
    ),
    layer("adapters/toml_file", &["domain", "files", "spelling"], &["thiserror", "toml"]),
    layer("adapters/groups", &["domain", "adapters/toml_file"], &["tempfile"]),
    layer(
        "adapters/welcome",
        &["domain", "ports", "files", "i18n", "adapters/toml_file"],
        &["jiff", "serde_json", "sha2", "tempfile"],
    ),
    layer(
        "http",
        &["telemetry"],
        &[
            "axum",
            "flate2",
            "reqwest",
            "secrecy",
            "serde",
            "serde_json",
            "subtle",
            "tokio",
            "tokio_util",
            "tower_http",
        ],
    ),
    Layer { folder: "app", ours: Ours::Any, crates: Crates::AllBut(ADAPTERS) },
    Layer { folder: "cli", ours: Ours::Any, crates: Crates::AllBut(ADAPTERS) },
];

const fn layer(
    folder: &'static str,
    ours: &'static [&'static str],
    crates: &'static [&'static str],
) -> Layer {
    Layer { folder, ours: Ours::Only(ours), crates: Crates::Only(crates) }
}

/// The layer that a path of this crate leads into.
fn layer_of(path: &[&str]) -> Option<String> {
    match path {
        [] => None,
        ["adapters", adapter, ..] => Some(format!("adapters/{adapter}")),
        [folder, ..] => Some((*folder).to_owned()),
    }
}

/// The violations in a file of a layer; empty if everything that it names is allowed.
fn violations(layer: &Layer, path: &str, source: &str, crates: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for named in names(source, &module(path), crates).paths {
        let segments: Vec<&str> = named.split("::").collect();
        let fine = match segments[..] {
            ["crate" | "support_bot", ref inner @ ..] => match (layer_of(inner), &layer.ours) {
                (None, _) | (_, Ours::Any) => true,
                (Some(other), Ours::Only(ours)) => {
                    other == layer.folder || ours.contains(&other.as_str())
                }
            },
            [root, ..] if WORKSPACE.contains(&root) => match &layer.ours {
                Ours::Any => true,
                Ours::Only(ours) => ours.contains(&root),
            },
            [root, ..] => match &layer.crates {
                Crates::Only(only) => only.contains(&root),
                Crates::AllBut(but) => !but.contains(&root),
            },
            [] => true,
        };
        if !fine {
            wrong.push(format!("{path} names {named}, which {} may not", layer.folder));
        }
    }
    wrong
}

#[test]
fn layers_depend_inwards_only() {
    let crates = crates();
    let mut wrong = Vec::new();
    for layer in LAYERS {
        for path in files(&format!("src/{}", layer.folder), &["rs"]) {
            wrong.extend(violations(layer, &path, &text(&path), &crates));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_allowed_in_a_layer_is_used_there() {
    let crates = crates();
    let mut stale = Vec::new();
    for layer in LAYERS {
        let Crates::Only(allowed) = layer.crates else { continue };
        let sources = files(&format!("src/{}", layer.folder), &["rs"]);
        let named: BTreeSet<String> = sources
            .iter()
            .flat_map(|path| names(&text(path), &module(path), &crates).paths)
            .filter_map(|path| path.split("::").next().map(str::to_owned))
            .collect();
        stale.extend(
            allowed
                .iter()
                .filter(|root| !named.contains(**root))
                .map(|root| format!("{}: {root}", layer.folder)),
        );
    }
    assert!(stale.is_empty(), "allowed but not used: {stale:?}");
}

#[test]
fn every_layer_allowed_in_a_layer_is_used_there() {
    let crates = crates();
    let mut stale = Vec::new();
    for layer in LAYERS {
        let Ours::Only(allowed) = layer.ours else { continue };
        let sources = files(&format!("src/{}", layer.folder), &["rs"]);
        let named: BTreeSet<String> = sources
            .iter()
            .flat_map(|path| names(&text(path), &module(path), &crates).paths)
            .filter_map(|path| match path.split("::").collect::<Vec<_>>()[..] {
                ["crate" | "support_bot", ref inner @ ..] => layer_of(inner),
                [root, ..] => Some(root.to_owned()),
                [] => None,
            })
            .collect();
        stale.extend(
            allowed
                .iter()
                .filter(|other| !named.contains(**other))
                .map(|other| format!("{}: {other}", layer.folder)),
        );
    }
    assert!(stale.is_empty(), "allowed but not used: {stale:?}");
}

#[test]
fn every_source_belongs_to_a_layer() {
    let known = ["src/lib.rs", "src/main.rs", "src/adapters/mod.rs"];
    let in_layer =
        |path: &str| LAYERS.iter().any(|layer| path.starts_with(&format!("src/{}/", layer.folder)));
    let lost: Vec<String> = files("src", &["rs"])
        .into_iter()
        .filter(|path| !known.contains(&path.as_str()) && !in_layer(path))
        .collect();
    assert!(lost.is_empty(), "not in any layer of this table: {lost:?}");
}

#[test]
fn the_library_lists_its_layers_from_the_inside_out() {
    let listed = names(&text("src/lib.rs"), &[], &BTreeSet::new()).declared;
    let listed: Vec<&str> = listed.iter().map(|module| module[0].as_str()).collect();
    let mut table: Vec<&str> =
        LAYERS.iter().filter_map(|layer| layer.folder.split('/').next()).collect();
    table.dedup();
    assert_eq!(listed, table);
    for (at, layer) in LAYERS.iter().enumerate() {
        if let Ours::Only(ours) = layer.ours {
            let before = |name: &str| LAYERS[..at].iter().any(|layer| layer.folder == name);
            let inside = |name: &&str| WORKSPACE.contains(name) || before(name);
            assert!(
                ours.iter().all(inside),
                "{} depends on a layer that is listed after it",
                layer.folder
            );
        }
    }
}

#[test]
fn the_table_in_architecture_md_matches_this_one() {
    let page = text("ARCHITECTURE.md");
    for layer in LAYERS {
        let ours = match layer.ours {
            Ours::Any => "anything".to_owned(),
            Ours::Only([]) => "nothing of ours".to_owned(),
            Ours::Only(ours) => {
                ours.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            }
        };
        let begin = format!("| `{}` | {ours} | ", layer.folder);
        assert!(page.contains(&begin), "ARCHITECTURE.md has no row that begins with {begin}");
    }
}

#[test]
fn a_forbidden_dependency_is_found() {
    let crates = crates();
    let found = |folder: &str, source: &str| {
        let layer = LAYERS.iter().find(|layer| layer.folder == folder).unwrap();
        !violations(layer, &format!("src/{folder}/file.rs"), source, &crates).is_empty()
    };
    for (folder, source) in [
        ("i18n", "use serde::Serialize;"),
        ("i18n", "fn f() { ports::x() }"),
        ("config", "use domain::UserId;"),
        ("engine", "use crate::adapters::sqlite::SqliteStore;"),
        ("engine", "fn f() { teloxide::Bot::new(\"\") }"),
        ("adapters/sqlite", "use crate::adapters::telegram::Client;"),
        ("adapters/sqlite", "use crate::adapters::redis::RedisStore;"),
        ("adapters/redis", "use crate::adapters::sqlite::SqliteStore;"),
        ("adapters/sqlite", "use super::super::telegram::Client;"),
        ("engine", "use telegram_simulator::Simulator;"),
        ("app", "use rusqlite::Connection;"),
    ] {
        assert!(found(folder, source), "{folder}: {source}");
    }
    for (folder, source) in [
        ("engine", "use domain::UserId; use crate::engine::Desk; use tokio::time::Instant;"),
        ("adapters/sqlite", "use super::super::codec::effect; use super::links;"),
        ("app", "use crate::{adapters::telegram::Client, engine::Desk};"),
    ] {
        assert!(!found(folder, source), "{folder}: {source}");
    }
}
