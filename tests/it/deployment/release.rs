//! A release is of one version everywhere, and its archive has what the pages tell people to install.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    compose::{root, text},
    names::{REPOSITORY, repository},
};

/// The version of this release.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The files that name the version to use, and what stands before it.
const NAMED: &[(&str, &[&str])] = &[
    ("docker-compose.yml", &["SUPPORT_BOT_IMAGE:-support-bot:", "SUPPORT_BOT_VERSION:-"]),
    ("Dockerfile", &["VERSION="]),
    (".github/ISSUE_TEMPLATE/bug.yml", &["support-bot "]),
    (".github/ISSUE_TEMPLATE/question.yml", &["support-bot "]),
    ("docs/operate/updates.md", &["deploy/update ", "git checkout v"]),
    ("docker-compose.minimal.yml", &["/support-bot:"]),
    ("README.md", &["/support-bot:"]),
    (
        "docs/develop/releases.md",
        &["/support-bot:", "git tag -s v", "release download v", "support-bot_"],
    ),
    ("docs/setup/docker.md", &["git checkout v", "/support-bot/v"]),
    ("docs/ru/setup/docker.md", &["git checkout v", "/support-bot/v"]),
    ("docs/setup/server.md", &["/support-bot:", "git checkout v"]),
    ("docs/ru/setup/server.md", &["/support-bot:", "git checkout v"]),
    ("docs/setup/systemd.md", &["support-bot-", "support-bot_"]),
    ("docs/ru/setup/systemd.md", &["support-bot-", "support-bot_"]),
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

/// Stands for the program: writes what `bin/package` asks it for.
const STAND_IN: &str = r#"#!/bin/sh
case "$1 $2" in
"completions bash" | "completions zsh" | "completions fish" | "man ") echo "stands for $1 $2" ;;
*) exit 2 ;;
esac
"#;

/// Packs a release with a stand-in for the program, and unpacks its archive; returns the archive's name without `.tar.gz`. Beside it are the
/// package and the checksums.
pub(super) fn pack(folder: &Path) -> String {
    let program = folder.join("stand-in");
    fs::write(&program, STAND_IN).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    pack_program(folder, &program)
}

/// The same with this program, which runs on this machine.
pub(super) fn pack_program(folder: &Path, program: &Path) -> String {
    let pack = root().join("bin/package");
    let packs = format!("'{}' '{}' x86_64 .", pack.display(), program.display());
    // As the owner of the checkout may have it.
    run(folder, &format!("umask 077; {packs}; sha256sum -- support-bot?* >SHA256SUMS"), &[]);
    let name = format!("support-bot-{VERSION}-linux-x86_64");
    run(folder, "tar -xzf \"$NAME.tar.gz\"", &[("NAME", name.as_str())]);
    name
}

pub(super) fn run(folder: &Path, script: &str, set: &[(&str, &str)]) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-ec", script]).current_dir(folder).envs(set.iter().copied());
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_archive_has_completions_and_a_manual_page_and_everybody_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join(pack(folder.path()));
    for (file, asked) in [
        ("completions/support-bot.bash", "completions bash"),
        ("completions/_support-bot", "completions zsh"),
        ("completions/support-bot.fish", "completions fish"),
        ("man/support-bot.1", "man "),
    ] {
        let made = fs::read_to_string(archive.join(file)).unwrap();
        assert_eq!(made, format!("stands for {asked}\n"), "{file}");
    }
    let closed = run(&archive, "find . -not -perm -o=r; find . -type d -not -perm -o=x", &[]);
    assert_eq!(closed, "");
}

#[test]
fn a_release_packed_again_has_the_same_bytes() {
    let [one, other] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for folder in [&one, &other] {
        pack(folder.path());
    }
    let sums = |folder: &Path| fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(one.path()), sums(other.path()));
    assert_eq!(sums(one.path()).lines().count(), 2);
}

/// What the package holds: each path with its mode and owner.
#[test]
fn the_package_installs_the_program_and_units_that_start_it() {
    let folder = tempfile::tempdir().unwrap();
    pack(folder.path());
    let deb = format!("support-bot_{VERSION}_amd64.deb");
    let unpack = "dpkg-deb --contents $DEB; dpkg-deb --raw-extract $DEB deb";
    let contents = run(folder.path(), unpack, &[("DEB", &deb)]);
    for line in [
        ("-rwxr-xr-x root/root", "./usr/bin/support-bot"),
        ("-rwxr-xr-x root/root", "./usr/sbin/support-bot-once"),
        ("-rw-r--r-- root/root", "./usr/lib/systemd/system/support-bot.service"),
        ("-rw-r--r-- root/root", "./usr/lib/systemd/system/support-bot-backup.timer"),
        ("-rw-r--r-- root/root", "./usr/share/man/man1/support-bot.1.gz"),
        ("-rw-r--r-- root/root", "./usr/share/bash-completion/completions/support-bot"),
        ("-rw-r--r-- root/root", "./usr/share/zsh/vendor-completions/_support-bot"),
        ("-rw-r--r-- root/root", "./usr/share/fish/vendor_completions.d/support-bot.fish"),
        ("-rw-r--r-- root/root", "./usr/share/doc/support-bot/copyright"),
        ("-rw-r--r-- root/root", "./usr/share/doc/support-bot/examples/env"),
        ("-rw-r--r-- root/root", "./usr/share/support-bot/env.example"),
        ("-rw-r--r-- root/root", "./usr/share/support-bot/welcome/example.toml"),
    ] {
        let (mode, path) = line;
        let is = |entry: &str| entry.starts_with(mode) && entry.ends_with(path);
        assert!(contents.lines().any(is), "{path}: {contents}");
    }
    let root = folder.path().join("deb");
    let units = root.join("usr/lib/systemd/system");
    let unit = fs::read_to_string(units.join("support-bot.service")).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/support-bot run\n"), "{unit}");
    let wrong = run(&root, "grep -rl /usr/local usr/lib usr/sbin || true", &[]);
    assert_eq!(wrong, "", "the package puts nothing into /usr/local");
    let control = fs::read_to_string(root.join("DEBIAN/control")).unwrap();
    let owner = repository().split('/').next().unwrap();
    for line in [
        format!("Version: {VERSION}"),
        format!("Homepage: {REPOSITORY}"),
        format!("Maintainer: {owner} <{owner}@users.noreply.github.com>"),
    ] {
        assert!(control.lines().any(|other| other == line), "{line}: {control}");
    }
    run(&root, "for script in DEBIAN/p*; do sh -n $script; done", &[]);
    // Small systems leave it out.
    assert_eq!(run(&root, "grep -l /usr/share/doc DEBIAN/p* || true", &[]), "");
}

/// One file has all sums, and GitHub vouches for each file and for the image.
#[test]
fn what_is_released_is_attested_and_has_its_checksum() {
    let release = text(".github/workflows/release.yml");
    let image = text(".github/workflows/image.yml");
    for (workflow, subject) in [
        (&release, "subject-path: dist/*"),
        (&image, "subject-digest: ${{ steps.name.outputs.digest }}"),
    ] {
        let (_, attests) = workflow.split_once("actions/attest-build-provenance@").unwrap();
        assert!(attests.split("- uses:").next().unwrap().contains(subject), "{subject}");
    }
    assert!(release.contains("bin/package \"$program\" \"$ARCH\" dist"), "{release}");
    assert!(release.contains("sha256sum -- * >../SHA256SUMS"), "{release}");
    assert!(release.contains("\"$program\" --version | grep -F \"$GITHUB_SHA\""), "{release}");
}

#[test]
fn the_version_names_the_commit() {
    let output = Command::new(env!("CARGO_BIN_EXE_support-bot")).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let commit = said.strip_prefix(&format!("support-bot {VERSION} (commit ")).expect(&said);
    assert_eq!(commit.trim_end(), "unknown)", "a build for development names none");
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
