//! Files of a room do not import each other in a circle, so that each can be read with what lies below it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    names::{Module, names},
    tree::{files, module, text},
};

/// Rooms without circles.
const ROOMS: &[&str] = &["src/adapters/backup", "src/adapters/sqlite"];

/// What each file imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The imports among these files. A name that a `mod.rs` passes on may come from any file beside it.
fn imports(sources: &[(String, String)]) -> Imports {
    let modules: BTreeMap<Module, &String> =
        sources.iter().map(|(path, _)| (module(path), path)).collect();
    let found = sources.iter().map(|(path, source)| {
        let named = names(source, &module(path), &BTreeSet::new()).paths;
        let imported = named.iter().flat_map(|name| files_of(name, &modules));
        (path.clone(), imported.filter(|imported| imported != path).collect())
    });
    found.collect()
}

/// The files of the innermost module in a path.
fn files_of(name: &str, modules: &BTreeMap<Module, &String>) -> Vec<String> {
    let path: Module =
        name.split("::").skip_while(|part| *part == "crate").map(str::to_owned).collect();
    let Some(at) = (1..=path.len()).rev().find(|at| modules.contains_key(&path[..*at])) else {
        return Vec::new();
    };
    let file = modules[&path[..at]];
    let Some(folder) = file.strip_suffix("mod.rs").filter(|_| path.len() > at) else {
        // A visibility may name a folder without importing anything.
        return if file.ends_with("/mod.rs") { Vec::new() } else { vec![file.clone()] };
    };
    let beside = |path: &str| path.strip_prefix(folder).is_some_and(|name| !name.contains('/'));
    modules.values().filter(|path| beside(path)).map(|path| (*path).clone()).collect()
}

/// The files that are part of a circle, or that import one that is.
fn circle(mut imports: Imports) -> BTreeSet<String> {
    loop {
        let done: BTreeSet<String> = imports
            .iter()
            .filter(|(_, imported)| imported.is_empty())
            .map(|(path, _)| path.clone())
            .collect();
        if done.is_empty() {
            return imports.into_keys().collect();
        }
        imports.retain(|path, _| !done.contains(path));
        for imported in imports.values_mut() {
            imported.retain(|path| !done.contains(path));
        }
    }
}

fn sources(folder: &str) -> Vec<(String, String)> {
    files(folder, &["rs"]).into_iter().map(|path| (path.clone(), text(&path))).collect()
}

#[test]
fn files_of_a_room_import_each_other_in_no_circle() {
    for room in ROOMS {
        let sources = sources(room);
        assert!(sources.len() > 1, "{room} has no files");
        let circle = circle(imports(&sources));
        assert!(circle.is_empty(), "a circle in {room}: {circle:?}");
    }
}

#[test]
fn the_sql_of_the_sqlite_store_knows_nothing_of_those_who_ask_for_it() {
    for (path, source) in sources("src/adapters/sqlite/tables") {
        for name in names(&source, &module(&path), &BTreeSet::new()).paths {
            let inner = name.strip_prefix("crate::adapters::sqlite::");
            let below = |inner: &str| inner.starts_with("tables") || inner.starts_with("errors");
            assert!(inner.is_none_or(below), "{path} names {name}");
        }
    }
}

#[test]
fn a_circle_is_found() {
    let file = |name: &str, source: &str| (format!("src/room/{name}.rs"), source.to_owned());
    let found = |files: &[(String, String)]| circle(imports(files)).len();
    let list = file("mod", "mod a; mod b; pub use a::A;");
    let leaf = file("b", "use std::fs;");
    assert_eq!(found(&[list.clone(), file("a", "use super::b::B;"), leaf.clone()]), 0);
    assert_eq!(
        found(&[
            list.clone(),
            file("a", "use super::{b::B};"),
            file("b", "fn f() { super::a::f() }")
        ]),
        2
    );
    // Through the list.
    assert_eq!(
        found(&[list.clone(), file("a", "use crate::room::b::B;"), file("b", "use super::A;")]),
        2
    );
    assert_eq!(found(&[list, file("a", "pub(in crate::room) struct A;"), leaf]), 0);
}
