//! GitHub's workflows and systemd's units keep their promises.

use std::{collections::BTreeSet, fs};

use serde_norway::Value;
use support_bot::config::{Requirement, VARIABLES};

use super::compose::{root, service, text};

/// The workflows: names and texts.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join(".github/workflows")).unwrap();
    let workflow = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    folder.map(|entry| workflow(entry.unwrap().path())).collect()
}

fn parsed(text: &str) -> Value {
    serde_norway::from_str(text).unwrap()
}

/// Every action or workflow that a workflow uses.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix("uses: "))
}

#[test]
fn each_workflow_has_only_the_permissions_that_it_names() {
    for (name, text) in workflows() {
        let workflow = parsed(&text);
        let rights = workflow["permissions"].as_mapping().unwrap_or_else(|| panic!("{name}"));
        let reads = |(_, right): (&Value, &Value)| right.as_str() == Some("read");
        assert!(rights.iter().all(reads), "{name}: only single jobs may have write permissions");
        assert!(!text.contains("write-all") && !text.contains("pull_request_target"), "{name}");
        for (job, steps) in workflow["jobs"].as_mapping().unwrap() {
            let limited = !steps["timeout-minutes"].is_null() || !steps["uses"].is_null();
            assert!(limited, "{name}: {job:?} has no timeout");
        }
    }
}

#[test]
fn each_action_is_pinned_and_does_not_persist_a_token() {
    for (name, text) in workflows() {
        for action in used(&text).filter(|action| !action.starts_with("./")) {
            let (owner, commit) = action.split_once('@').unwrap();
            let known = ["actions/", "docker/"].iter().any(|known| owner.starts_with(known));
            assert!(known, "{name}: {action} is neither GitHub's nor Docker's own");
            // The version follows as a comment, for Dependabot and bin/pin-images.
            let (commit, version) =
                commit.split_once(" # v").unwrap_or_else(|| panic!("{name}: {action}"));
            let hexadecimal = commit.chars().all(|sign| sign.is_ascii_hexdigit());
            assert!(commit.len() == 40 && hexadecimal, "{name}: {action}");
            let numbers = version.split('.').filter(|number| number.parse::<u32>().is_ok());
            assert_eq!(numbers.count(), 3, "{name}: {action}");
        }
        let checkouts = used(&text).filter(|action| action.starts_with("actions/checkout@"));
        assert_eq!(checkouts.count(), text.matches("persist-credentials: false").count(), "{name}");
        // Untrusted texts are environment variables, never part of a script.
        let workflow = parsed(&text);
        for (_, job) in workflow["jobs"].as_mapping().unwrap() {
            for step in job["steps"].as_sequence().into_iter().flatten() {
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{name}: {script}");
            }
        }
    }
}

/// This workflow has secrets, and it starts after another workflow that may have run on a stranger's pull request.
#[test]
fn only_pushes_to_main_of_this_repository_are_built_with_secrets() {
    for (name, text) in workflows() {
        assert_eq!(text.contains("workflow_run:"), name == "deploy.yml", "{name}");
    }
    let deploy = parsed(&text(".github/workflows/deploy.yml"));
    let condition = deploy["jobs"]["image"]["if"].as_str().unwrap();
    for part in [
        "github.event.workflow_run.event == 'push'",
        "github.event.workflow_run.conclusion == 'success'",
        "github.event.workflow_run.head_repository.full_name == github.repository",
    ] {
        assert!(condition.contains(part), "{part}");
    }
    let branches = deploy["on"]["workflow_run"]["branches"].as_sequence().unwrap();
    assert_eq!(branches.iter().filter_map(Value::as_str).collect::<Vec<_>>(), ["main"]);
}

/// Each folder that Dependabot watches has something to update, and Dependabot waits before it proposes a new version.
#[test]
fn updates_are_checked_weekly_and_have_a_cooldown() {
    let dependabot = parsed(&text(".github/dependabot.yml"));
    let mut kinds = BTreeSet::new();
    for update in dependabot["updates"].as_sequence().unwrap() {
        let kind = update["package-ecosystem"].as_str().unwrap();
        kinds.insert(kind);
        assert_eq!(update["schedule"]["interval"].as_str(), Some("weekly"), "{kind}");
        assert!(update["cooldown"]["default-days"].as_u64() >= Some(7), "{kind}");
        let several = update["directories"].as_sequence().into_iter().flatten();
        for folder in several.chain(update.get("directory")).filter_map(Value::as_str) {
            assert!(root().join(folder.trim_start_matches('/')).is_dir(), "{kind}: {folder}");
        }
    }
    let all = ["cargo", "docker", "docker-compose", "github-actions", "pip"];
    assert_eq!(kinds, all.into());
}

#[test]
fn ci_runs_the_same_checks_on_the_builder_image() {
    let ci = text(".github/workflows/ci.yml");
    assert!(ci.contains("- run: .ci/run\n"));
    let base = text("Dockerfile");
    let base = base.lines().find_map(|line| line.strip_prefix("FROM rust:")).unwrap();
    let base = base.split(' ').next().unwrap();
    assert!(ci.contains(&format!("container: rust:{base}\n")), "{base}");
    let toolchain = base.split('-').next().unwrap();
    let release = text(".github/workflows/release.yml");
    assert!(release.contains(&format!("toolchain install {toolchain} ")), "{toolchain}");
}

#[test]
fn deployments_never_overlap_and_their_secrets_are_documented() {
    let workflow = text(".github/workflows/deploy.yml");
    let deploy = parsed(&workflow);
    assert_eq!(deploy["concurrency"]["cancel-in-progress"].as_bool(), Some(false));
    assert_eq!(deploy["jobs"]["deploy"]["environment"].as_str(), Some("production"));
    assert!(workflow.contains("StrictHostKeyChecking=yes"));
    let after = |word: &str| {
        let names = workflow.split(word).skip(1);
        let end = |rest: &str| {
            rest.split(|sign: char| sign != '_' && !sign.is_ascii_uppercase())
                .next()
                .unwrap()
                .to_owned()
        };
        names.map(end).collect::<BTreeSet<String>>()
    };
    let header: String = workflow.lines().take_while(|line| line.starts_with('#')).collect();
    let names = &after("secrets.") | &after("vars.");
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(header.contains(&name), "the header does not name {name}");
        let guide = "docs/setup/deploy-from-github.md";
        assert!(text(guide).contains(&format!("`{name}`")), "{guide} does not name {name}");
    }
}

/// The values of a key in a systemd unit.
fn unit_values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    let value = |line: &'a str| line.strip_prefix(key)?.strip_prefix('=');
    unit.lines().filter_map(value).collect()
}

#[test]
fn the_unit_stops_the_desk_gracefully_with_the_limits_of_the_container() {
    let unit = text("deploy/systemd/support-bot.service");
    let drain = VARIABLES.iter().find(|variable| variable.name == "DRAIN_SECONDS").unwrap();
    let Requirement::Default(drain) = drain.requirement else { panic!("a setting has no default") };
    let stop: u32 = unit_values(&unit, "TimeoutStopSec")[0].parse().unwrap();
    assert!(stop > drain.parse::<u32>().unwrap());
    let limit = service("support-bot")["deploy"]["resources"]["limits"]["memory"].clone();
    let limit = limit.as_str().unwrap().to_uppercase();
    assert_eq!(unit_values(&unit, "MemoryMax"), [limit]);
}

#[test]
fn units_are_equally_hardened_and_contain_no_secret() {
    for name in ["support-bot", "support-bot-backup"] {
        let unit = text(&format!("deploy/systemd/{name}.service"));
        assert_eq!(unit_values(&unit, "User"), ["support-bot"], "{name}");
        assert_eq!(unit_values(&unit, "ProtectSystem"), ["strict"], "{name}");
        assert_eq!(unit_values(&unit, "NoNewPrivileges"), ["yes"], "{name}");
        assert_eq!(unit_values(&unit, "CapabilityBoundingSet"), [""], "{name}");
        assert_eq!(
            unit_values(&unit, "LimitCORE"),
            ["0"],
            "{name}: a core file would contain the token"
        );
        assert_eq!(unit_values(&unit, "SystemCallFilter")[0], "@system-service", "{name}");
        assert_eq!(unit_values(&unit, "LoadCredential").len(), 1, "{name}");
        for setting in unit_values(&unit, "Environment").iter().flat_map(|all| all.split(' ')) {
            let name = setting.split('=').next().unwrap();
            let plain = name.strip_suffix("_FILE");
            let known = |variable: &support_bot::config::Variable| {
                variable.name == name && !variable.secret || Some(variable.name) == plain
            };
            assert!(VARIABLES.iter().any(known), "{setting}");
        }
    }
}
