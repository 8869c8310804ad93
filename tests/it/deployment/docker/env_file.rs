//! The parser of the real Docker Compose, against the table of what it reads and the values that the desk writes.

use std::{collections::BTreeMap, fs, process::Command};

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::Value;
use support_bot::config::quoted;
use tempfile::TempDir;

use crate::config::compose_values::{CASES, NAME};

/// What Compose reads from a file; `None` if it refuses it.
fn read(folder: &TempDir, content: &str) -> Option<BTreeMap<String, String>> {
    let at = |name: &str| folder.path().join(name);
    let compose = "name: test\nservices: { desk: { image: desk, env_file: desk.env } }\n";
    fs::write(at("compose.yml"), compose).unwrap();
    fs::write(at("desk.env"), content).unwrap();
    let output = Command::new("docker")
        .args(["compose", "config", "--format", "json"])
        .current_dir(folder.path())
        .env_remove("HOMELESS")
        .output()
        .unwrap();
    if !output.status.success() {
        return None;
    }
    let project: Value = serde_json::from_slice(&output.stdout).unwrap();
    let read = project["services"]["desk"]["environment"].as_object().unwrap();
    let plain = |value: &Value| value.as_str().unwrap_or_default().replace("$$", "$");
    Some(read.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
}

#[test]
#[ignore = "needs Docker Compose: `just compose`"]
fn compose_reads_values_as_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    for (written, expected, _desk) in CASES {
        let read = read(&folder, &format!("{NAME}={written}\n"));
        assert_eq!(read.as_ref().map(|read| read[NAME].as_str()), *expected, "{written:?}");
    }
}

#[test]
#[ignore = "needs Docker Compose: `just compose`"]
fn compose_reads_back_what_the_desk_quotes() {
    let folder = tempfile::tempdir().unwrap();
    let value = "([^\\x00-\\x1f\\x7f-\\x9f]|['\"$\\\\# {}]|[a-z]){0,12}";
    let values = prop::collection::vec(value, 2_000);
    let values = values.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let line =
        |(number, value): (usize, &String)| format!("N{number}={}\n", quoted(value).unwrap());
    let read = read(&folder, &values.iter().enumerate().map(line).collect::<String>()).unwrap();
    for (number, value) in values.iter().enumerate() {
        assert_eq!(read[&format!("N{number}")], *value);
    }
}
