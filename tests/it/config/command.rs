//! The program's options for its settings, and `support-bot config`.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use super::settings::TOKEN;

/// Runs the program in a folder, with nothing in its environment but `variables`.
fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_support-bot"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder with a file of settings.
fn folder(file: &str, content: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file), content).unwrap();
    folder
}

fn settings() -> String {
    format!("BOT_TOKEN={TOKEN}\nBOT_DEV_ID=4242\nBOT_GROUP_ID=-1001234567890\n")
}

/// The line of a setting, with single spaces.
fn line(output: &Output, name: &str) -> String {
    let text = text(&output.stdout);
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
    line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn config_prints_each_setting_with_its_source_and_no_secret() {
    let more = "REDIS_URL=redis://:pa55word@redis\nALERTMANAGER_URL=https://alerts.example/pa55word\nGROUP_ID=1\n";
    let desk = folder(".env", &(settings() + more));
    fs::write(desk.path().join("dsn"), "https://key5ecret@sentry.example/1").unwrap();
    let variables = [("BOT_DEV_ID", "4243"), ("SENTRY_DSN_FILE", "dsn"), ("FLOOD", "")];
    let output = run(desk.path(), &["config"], &variables);
    assert!(output.status.success(), "{output:?}");
    for (name, expected) in [
        ("BOT_TOKEN", "BOT_TOKEN set .env, line 1"),
        ("BOT_DEV_ID", "BOT_DEV_ID 4243 environment"),
        ("BOT_GROUP_ID", "BOT_GROUP_ID -1001234567890 .env, line 3"),
        ("BOT_ADMIN_IDS", "BOT_ADMIN_IDS not set"),
        ("REDIS_URL", "REDIS_URL set .env, line 4"),
        ("SENTRY_DSN", "SENTRY_DSN set SENTRY_DSN_FILE (environment)"),
        ("FLOOD", "FLOOD 20 default"),
    ] {
        assert_eq!(line(&output, name), expected);
    }
    let printed = text(&output.stdout);
    for secret in ["AAEhBO", "pa55word", "key5ecret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let warning = "\nWarnings:\nGROUP_ID (.env, line 6) is not a setting and has no effect: did you mean BOT_GROUP_ID?\n";
    assert!(printed.ends_with(warning), "{printed}");
}

#[test]
fn config_works_with_mistakes_and_lists_them_at_the_end() {
    let desk = folder(".env", "BOT_TOKEN=short\nBOT_DEV_ID=4242\nFLOOD=a$b\n");
    let output = run(desk.path(), &["config"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(line(&output, "BOT_TOKEN"), "BOT_TOKEN has a mistake .env, line 1");
    assert_eq!(line(&output, "BOT_DEV_ID"), "BOT_DEV_ID 4242 .env, line 2");
    assert_eq!(line(&output, "BOT_GROUP_ID"), "BOT_GROUP_ID not set");
    assert_eq!(line(&output, "FLOOD"), "FLOOD has a mistake .env, line 3");
    let printed = text(&output.stdout);
    let (_settings, mistakes) = printed.split_once("\nMistakes:\n").unwrap();
    let names: Vec<&str> =
        mistakes.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["FLOOD", "BOT_TOKEN", "BOT_GROUP_ID"]);

    fs::remove_file(desk.path().join(".env")).unwrap();
    fs::create_dir(desk.path().join(".env")).unwrap();
    let output = run(desk.path(), &["config"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains(".env is a folder"), "{output:?}");
}

#[test]
fn config_prints_json_for_programs() {
    let desk = folder(".env", &(settings() + "FLOOD=-1\n"));
    let output = run(desk.path(), &["config", "--json"], &[]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let settings = report["settings"].as_array().unwrap();
    let of = |name: &str| settings.iter().find(|setting| setting["name"] == name).unwrap();
    assert_eq!(
        (of("BOT_TOKEN")["state"].as_str(), of("BOT_TOKEN")["value"].as_str()),
        (Some("secret"), None)
    );
    assert_eq!(
        (of("BOT_DEV_ID")["source"].as_str(), of("BOT_DEV_ID")["line"].as_u64()),
        (Some("file"), Some(2))
    );
    assert_eq!(
        (of("DATA_DIR")["source"].as_str(), of("DATA_DIR")["value"].as_str()),
        (Some("default"), Some("./data"))
    );
    assert_eq!(of("FLOOD")["state"], "mistake");
    assert_eq!(report["mistakes"][0]["variable"], "FLOOD");
    assert!(!text(&output.stdout).contains("AAEhBO"));
}

#[test]
fn another_file_and_another_folder_can_be_named_before_or_after_any_subcommand() {
    let desk = folder("desk.env", &settings());
    let above = desk.path().parent().unwrap();
    let name = desk.path().file_name().unwrap().to_str().unwrap();
    let whole = desk.path().join("desk.env").display().to_string();
    for arguments in [
        &["-C", name, "--env-file", "desk.env", "config"][..],
        &["config", "--directory", name, "--env-file=desk.env"],
        &["config", "--env-file", &whole],
    ] {
        let output = run(above, arguments, &[]);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert!(line(&output, "BOT_DEV_ID").ends_with("desk.env, line 2"), "{output:?}");
    }
    // The store is in the folder, too: there is none yet.
    let output = run(above, &["dead", "list", "-C", name, "--env-file", "desk.env"], &[]);
    assert!(text(&output.stderr).contains("data"), "{output:?}");
}

#[test]
fn a_file_or_folder_that_was_named_must_exist() {
    let desk = folder(".env", &settings());
    for subcommand in [&["doctor"][..], &["run"], &["dead", "list"], &[]] {
        let named = [&["--env-file", "other.env"], subcommand].concat();
        let output = run(desk.path(), &named, &[]);
        assert_eq!(output.status.code(), Some(2));
        let error = text(&output.stderr);
        assert_eq!(error, "other.env is not there: check the path after --env-file\n");
        let elsewhere = [&["-C", "nowhere"], subcommand].concat();
        let output = run(desk.path(), &elsewhere, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("cannot change to the folder nowhere"), "{output:?}");
    }
}
