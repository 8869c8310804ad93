//! Finds and reads the project's files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::names::{Module, names};

/// The project's folder.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file; the path is relative to the project's folder.
pub(super) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files under a folder with one of these extensions; empty if the folder does not exist.
pub(super) fn files(folder: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|ending| endings.iter().any(|known| ending == *known))
            {
                found.push(from_root(&path));
            }
        }
    }
    found.sort();
    found
}

/// All Rust sources.
pub(super) fn sources() -> Vec<String> {
    ["src", "tests", "crates"].iter().flat_map(|folder| files(folder, &["rs"])).collect()
}

/// The crates that `Cargo.toml` lists, spelled as in code; this crate is the last.
pub(super) fn crates() -> BTreeSet<String> {
    let manifest = text("Cargo.toml");
    let mut listed = false;
    let mut crates = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            listed = line.contains("dependencies]");
        } else if let Some((name, _)) =
            line.split_once(" = ").filter(|_| listed && !line.starts_with('#'))
        {
            crates.insert(name.replace('-', "_"));
        }
    }
    crates.insert("support_bot".to_owned());
    crates
}

/// The module of a file within its crate; empty for the root.
pub(super) fn module(path: &str) -> Module {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut module: Module = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// The sources that the compiler reads: the roots of all crates, and the modules that they declare.
pub(super) fn reached() -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<String> = sources().into_iter().filter(|path| is_root(path)).collect();
    while let Some(path) = waiting.pop() {
        let folder = match Path::new(&path).file_name().and_then(|name| name.to_str()) {
            Some("mod.rs" | "main.rs" | "lib.rs") => {
                Path::new(&path).parent().unwrap().to_path_buf()
            }
            _ if is_root(&path) => Path::new(&path).parent().unwrap().to_path_buf(),
            _ => PathBuf::from(path.trim_end_matches(".rs")),
        };
        for declared in names(&text(&path), &[], &BTreeSet::new()).declared {
            let base = declared.iter().fold(folder.clone(), |folder, part| folder.join(part));
            let base = base.to_str().unwrap();
            waiting.extend(
                [format!("{base}.rs"), format!("{base}/mod.rs")]
                    .into_iter()
                    .filter(|path| root().join(path).exists()),
            );
        }
        reached.insert(path);
    }
    reached
}

/// Whether a file is the root of a crate: a library, a program, an example, or a binary of tests or benches.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let within = match parts[..] {
        ["crates", _, ref within @ ..] => within,
        ref within => within,
    };
    match within {
        ["src", "lib.rs" | "main.rs"] | ["tests", _, "main.rs"] => true,
        ["src", "bin", file] | ["tests" | "examples", file] => {
            Path::new(file).extension().is_some()
        }
        _ => false,
    }
}

fn from_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_checker_finds_the_projects_own_files() {
    let sources = sources();
    for known in ["src/lib.rs", "crates/domain/src/lib.rs", "tests/it/architecture/tree.rs"] {
        assert!(sources.iter().any(|path| path == known), "{known}");
        assert!(reached().contains(known), "{known}");
    }
    assert!(crates().contains("tokio_util") && crates().contains("tempfile"));
    assert_eq!(module("src/engine/deliver/plan/mod.rs"), ["engine", "deliver", "plan"]);
    assert_eq!(module("src/engine/mod.rs"), ["engine"]);
    assert!(module("src/lib.rs").is_empty());
}
