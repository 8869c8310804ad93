//! A release is of one version everywhere, and its archive has what the pages tell people to install.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::compose::{root, text};

/// The version of this release.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files that name the version to use, and what stands before it.
const NAMED: &[(&str, &[&str])] = &[
    ("docker-compose.yml", &["SUPPORT_BOT_IMAGE:-support-bot:", "SUPPORT_BOT_VERSION:-"]),
    ("Dockerfile", &["VERSION="]),
    (".github/ISSUE_TEMPLATE/bug.yml", &["support-bot "]),
    (".github/ISSUE_TEMPLATE/question.yml", &["support-bot "]),
    ("docs/operate/updates.md", &["deploy/update ", "git checkout v"]),
    ("docs/setup/docker.md", &["git checkout v"]),
    ("docs/ru/setup/docker.md", &["git checkout v"]),
    ("docs/setup/server.md", &["/support-bot:", "git checkout v"]),
    ("docs/ru/setup/server.md", &["/support-bot:", "git checkout v"]),
    ("docs/setup/systemd.md", &["support-bot-"]),
    ("docs/ru/setup/systemd.md", &["support-bot-"]),
];

/// The versions in a text that follow these words.
fn versions<'a>(page: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(before).skip(1).filter_map(|rest| {
        let end = rest.find(|sign: char| sign != '.' && !sign.is_ascii_digit());
        let version = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
        (version.matches('.').count() == 2).then_some(version)
    })
}

#[test]
fn the_version_is_the_same_everywhere() {
    for (path, places) in NAMED {
        let page = text(path);
        for before in *places {
            let found: Vec<&str> = versions(&page, before).collect();
            assert!(!found.is_empty(), "{path}: no version after {before:?}");
            assert!(found.iter().all(|version| *version == VERSION), "{path}: {found:?}");
        }
    }
    for manifest in ["domain", "ports", "telegram-simulator", "history-checker"] {
        let manifest = text(&format!("crates/{manifest}/Cargo.toml"));
        assert!(manifest.contains("version.workspace = true"), "{manifest}");
    }
}

#[test]
fn the_changelog_begins_each_release_with_what_is_done_by_hand() {
    let changelog = text("CHANGELOG.md");
    let parts: Vec<&str> = changelog.split("\n## ").skip(1).collect();
    assert!(parts[0].starts_with("Unreleased\n"), "changes after a release have a place");
    assert!(
        parts[1].starts_with(&format!("[{VERSION}] - ")),
        "{}",
        parts[1].lines().next().unwrap()
    );
    for part in &parts[1..] {
        let first = part.lines().find(|line| line.starts_with("### "));
        assert_eq!(first, Some("### By hand at the update"), "{}", part.lines().next().unwrap());
    }
}

/// Packs an archive as the release does, with a stand-in for the program; returns its name without `.tar.gz`.
pub(super) fn pack(folder: &Path) -> String {
    let workflow = text(".github/workflows/release.yml");
    let (_, packs) = workflow.split_once("          mkdir \"$NAME\"\n").unwrap();
    let packs = packs.split("      - uses:").next().unwrap();
    let copied =
        packs.split("cp -r \"$program\" ").nth(1).unwrap().split("\"$NAME\"").next().unwrap();
    // The same files, where the archive may be left.
    let copy = format!("cp -r --parents {copied} '{}'", folder.display());
    run(root(), &copy, &[]);
    let program = folder.join("target/support-bot");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let name = format!("support-bot-{VERSION}-linux-x86_64");
    let set = [("NAME", name.as_str()), ("program", "target/support-bot")];
    run(folder, &format!("mkdir \"$NAME\"\n{packs}"), &set);
    name
}

fn run(folder: &Path, script: &str, set: &[(&str, &str)]) {
    let mut bash = Command::new("bash");
    bash.args(["-ec", script]).current_dir(folder).envs(set.iter().copied());
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The pages in a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { pages(&path) } else { vec![path] });
    found.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

#[test]
fn links_of_the_pages_in_the_archive_lead_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let name = pack(folder.path());
    let archive = folder.path().join(&name);
    let pages: Vec<PathBuf> =
        pages(&archive.join("docs")).into_iter().chain([archive.join("README.md")]).collect();
    assert!(pages.len() > 50, "{}", pages.len());
    for page in pages {
        let content = fs::read_to_string(&page).unwrap();
        for target in content.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let elsewhere = target.contains("://") || target.is_empty();
            let there = elsewhere || page.parent().unwrap().join(target).exists();
            assert!(there, "{}: {target} is not in the archive", page.display());
        }
    }
}
