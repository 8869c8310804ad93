//! Names the commit that is built: `SUPPORT_BOT_REVISION`, or else the one that is checked out.
//!
//! In the image's build there is no git, and of `.git` only what names the commit: see `.dockerignore`. A build for
//! development is not compiled anew for each commit, so it names none.

#![expect(clippy::disallowed_methods, reason = "Cargo speaks to a build script by its environment")]

use std::{env, fs, path::Path, process::Command};

const NAME: &str = "SUPPORT_BOT_REVISION";

fn main() {
    println!("cargo::rerun-if-env-changed={NAME}");
    println!("cargo::rerun-if-changed=build.rs");
    let given = env::var(NAME).ok().filter(|given| !matches!(given.as_str(), "" | "unknown"));
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let revision = given.or_else(|| if is_release { checked_out() } else { None });
    println!("cargo::rustc-env={NAME}={}", revision.as_deref().unwrap_or("unknown"));
}

/// The commit that is checked out. Another one means another build.
fn checked_out() -> Option<String> {
    let head = text(".git/HEAD");
    let branch = head.as_deref().and_then(|head| head.strip_prefix("ref: "));
    let file = branch.map(|branch| format!(".git/{branch}"));
    let watched = [Some(".git/HEAD"), Some(".git/packed-refs"), file.as_deref()];
    for file in watched.into_iter().flatten().filter(|file| Path::new(file).exists()) {
        println!("cargo::rerun-if-changed={file}");
    }
    match branch {
        Some(branch) => text(&format!(".git/{branch}")).or_else(|| packed(branch)).or_else(asked),
        None => head.or_else(asked),
    }
}

/// The commit of a branch whose file git has packed together with others.
fn packed(branch: &str) -> Option<String> {
    let refs = text(".git/packed-refs")?;
    let mut lines = refs.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(_, name)| *name == branch).map(|(commit, _)| commit.to_owned())
}

/// The commit as git itself names it, which also knows further worktrees.
fn asked() -> Option<String> {
    let said = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let commit = String::from_utf8(said.stdout).ok().filter(|_| said.status.success())?;
    Some(commit.trim().to_owned())
}

fn text(file: &str) -> Option<String> {
    fs::read_to_string(file).ok().map(|text| text.trim().to_owned())
}
