//! The repository and its image have one name everywhere, and one command changes it.

use std::{fs, path::Path};

use super::{
    commands::block,
    compose::{root, text},
    release::run,
};

/// Where the project is, and where its image.
pub(super) const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Owner and name of the repository.
pub(super) fn repository() -> &'static str {
    REPOSITORY.strip_prefix("https://github.com/").unwrap()
}

/// Owners and names of repositories and images, as a file has them after these words.
fn named<'a>(content: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    content.split(before).skip(1).filter_map(|rest| {
        let is_of_name = |sign: char| sign.is_ascii_alphanumeric() || "-_/.".contains(sign);
        let end = rest.find(|sign| !is_of_name(sign)).unwrap_or(rest.len());
        let mut parts = rest[..end].trim_end_matches('.').split('/');
        let owner = parts.next().filter(|owner| !owner.is_empty())?;
        let name = parts.next()?.trim_end_matches(".git");
        Some(&rest[..=owner.len() + name.len()])
    })
}

/// How often the files in a folder name the project, and where they name it otherwise.
fn names(folder: &Path, repository: &str) -> (usize, Vec<String>) {
    // Another project of the same name, which README compares with and whose users move over; an example on a page.
    let others = ["nessshon/support-bot", "OWNER/support-bot"];
    let is_ours = |name: &&str| *name == repository || name.ends_with("/support-bot");
    let (mut found, mut wrong) = (0, Vec::new());
    for path in run(folder, "git ls-files", &[]).lines() {
        if path.starts_with("tests/") || path.starts_with("src/") {
            continue;
        }
        let Ok(content) = fs::read_to_string(folder.join(path)) else { continue };
        for before in ["github.com/", "raw.githubusercontent.com/", "ghcr.io/"] {
            for name in named(&content, before).filter(is_ours).filter(|n| !others.contains(n)) {
                found += 1;
                if name != repository {
                    wrong.push(format!("{path}: {name}"));
                }
            }
        }
        // A placeholder is for the page on which a fork is explained.
        if content.contains("ghcr.io/OWNER") && path != "docs/develop/releases.md" {
            wrong.push(format!("{path}: a placeholder"));
        }
    }
    (found, wrong)
}

#[test]
fn repository_and_image_have_one_name_everywhere() {
    assert_eq!(repository().to_lowercase(), repository(), "images are named in lower case");
    let (found, wrong) = names(root(), repository());
    assert!(found > 100 && wrong.is_empty(), "{found} {wrong:?}");
    for workflow in ["image.yml", "release.yml", "deploy.yml"] {
        let workflow = text(&format!(".github/workflows/{workflow}"));
        let images = workflow.matches("ghcr.io/").count();
        assert_eq!(workflow.matches("ghcr.io/${GITHUB_REPOSITORY,,}").count(), images);
    }
}

/// Another owner and another name, neither of which is part of the old ones.
#[test]
fn the_command_of_the_page_moves_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let copy = "git -C \"$FROM\" ls-files -z | (cd \"$FROM\" && xargs -0 cp --parents -t \"$TO\")
        git init --quiet && git add --all";
    let from = root().to_str().unwrap();
    run(folder.path(), copy, &[("FROM", from), ("TO", folder.path().to_str().unwrap())]);
    let moves =
        block("docs/develop/releases.md", "git grep -lI").replace("OWNER/NAME", "acme/helpdesk");
    run(folder.path(), &moves, &[]);
    let (found, wrong) = names(folder.path(), "acme/helpdesk");
    assert!(found > 100 && wrong.is_empty(), "{found} {wrong:?}");
    let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("repository = \"https://github.com/acme/helpdesk\""), "{manifest}");
}
