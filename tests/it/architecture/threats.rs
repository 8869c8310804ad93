//! Every row of the threat model names its tests in full, and each test exists and is not ignored.

use std::path::PathBuf;

use super::tree::{root, text};

/// The source folders of the names that `cargo nextest run` prints first.
const BINARIES: [(&str, &str); 6] = [
    ("support-bot", "src"),
    ("support-bot::it", "tests/it"),
    ("support-bot::process", "tests/process"),
    ("domain", "crates/domain/src"),
    ("ports", "crates/ports/src"),
    ("telegram-simulator", "crates/telegram-simulator/src"),
];

/// The deepest file on a path of modules, and the modules inside it.
fn file<'a>(folder: &str, modules: &'a [&'a str]) -> Option<(PathBuf, &'a [&'a str])> {
    (0..=modules.len()).rev().find_map(|count| {
        let place = root().join(folder).join(modules[..count].join("/"));
        let files = match count {
            0 => [place.join("lib.rs"), place.join("main.rs")],
            _ => [place.with_extension("rs"), place.join("mod.rs")],
        };
        let found = files.into_iter().find(|file| file.is_file())?;
        Some((found, &modules[count..]))
    })
}

/// Why a test is missing; `None` if it exists.
fn missing(name: &str) -> Option<&'static str> {
    let Some((binary, path)) = name.split_once(' ') else { return Some("no binary is named") };
    let folder = BINARIES.iter().find(|(known, _)| *known == binary);
    let Some((_, folder)) = folder else { return Some("the binary does not exist") };
    let mut modules: Vec<&str> = path.split("::").collect();
    let test = modules.pop().unwrap_or_default();
    // `suite.rs` generates a test for each promise and each store.
    if let ["contract", "suite", store] = modules[..] {
        let suite = text("tests/it/contract/suite.rs");
        let of_word = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let listed = suite.split(|c| !of_word(c)).any(|word| word == test);
        let tried = suite.contains(&format!("store_contract!({store}, "));
        return (!listed || !tried).then_some("the suite has no such promise");
    }
    let Some((file, within)) = file(folder, &modules) else {
        return Some("the file does not exist");
    };
    let source = std::fs::read_to_string(file).unwrap();
    if within.iter().any(|module| !source.contains(&format!("mod {module} {{"))) {
        return Some("the file has no such module");
    }
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let begins = |line: &&str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ")
            .and_then(|rest| rest.strip_prefix(test))
            .is_some_and(|rest| rest.starts_with('('))
    };
    let Some(at) = lines.iter().position(begins) else {
        return Some("the file has no such function");
    };
    let attributes = lines[..at].iter().rev().take_while(|line| line.starts_with(['#', '/']));
    let attributes: Vec<&&str> = attributes.collect();
    if attributes.iter().any(|line| line.starts_with("#[ignore")) {
        return Some("the test is ignored");
    }
    let is_test = attributes
        .iter()
        .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    (!is_test).then_some("the function is not a test")
}

/// The rows of the tables without their heads: the first cell, and the texts between backticks in the last cell.
fn rows(page: &str) -> Vec<(&str, Vec<&str>)> {
    let cells = |line: &'_ str| line.trim_matches('|').matches(" | ").count() + 1;
    let lines = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| who |"));
    lines
        .map(|line| {
            assert_eq!(cells(line), 5, "{line}");
            let (first, last) = (line[2..].split(" | ").next(), line.rsplit(" | ").next());
            (first.unwrap(), last.unwrap().split('`').skip(1).step_by(2).collect())
        })
        .collect()
}

#[test]
fn each_row_of_the_threat_model_has_tests_that_exist() {
    let page = text("docs/threat-model.md");
    let rows = rows(&page);
    assert!(rows.len() > 15, "{} rows", rows.len());
    for (who, tests) in rows {
        assert!(!tests.is_empty(), "no test covers the row: {who}");
        for test in tests {
            assert_eq!(missing(test), None, "{who}: {test}");
        }
    }
}

#[test]
fn a_missing_test_is_found() {
    let this = "support-bot::it architecture::threats::a_missing_test_is_found";
    let inner = "support-bot adapters::telegram::call_error::tests::quoted_parts_of_descriptions_are_private";
    let promise = "support-bot::it contract::suite::on_redis::a_commit_is_atomic";
    assert_eq!([this, inner, promise].map(missing), [None; 3]);
    for (name, why) in [
        ("a_test", "no binary is named"),
        ("support-desk a::b", "the binary does not exist"),
        ("support-bot::it architecture::threats::no_such", "the file has no such function"),
        ("support-bot::it architecture::threats::within::no_such", "the file has no such module"),
        ("support-bot::it architecture::threats::missing", "the function is not a test"),
        ("support-bot::it contract::suite::on_redis::no_such", "the suite has no such promise"),
        (
            "support-bot::it contract::suite::on_paper::a_commit_is_atomic",
            "the suite has no such promise",
        ),
        ("support-bot::it faults::pace::a_rush_at_telegrams_own_pace", "the test is ignored"),
    ] {
        assert_eq!(missing(name), Some(why), "{name}");
    }
    let page = "| who | reaches |\n|---|---|\n| a user | b | c | d | `x y` `z` |\n";
    assert_eq!(rows(page), [("a user", vec!["x y", "z"])]);
}
