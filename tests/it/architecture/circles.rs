//! No two files need each other: imports between the files of a crate have no circles.
//!
//! A file needs the file that *defines* what it names. Re-exports are followed, so that a `mod.rs` conceals no circle.
//! A folder's `mod.rs` or a crate's root may be needed by what lies inside it, and use it in turn: the two are one thing
//! that was divided, and a reader begins at the parent. So what a file names in its own ancestors is not counted. Nor is
//! code for tests alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    files::only_lists,
    names::{Module, Raw, read, resolve},
    tokens::{Token, tokens},
    tree::{root, text},
};

/// A file of a crate, as far as imports are concerned.
#[derive(Default)]
struct Source {
    module: Module,
    /// Names that the file defines.
    items: BTreeSet<String>,
    /// Imported names, with what they stand for.
    imports: BTreeMap<String, Module>,
    /// What is imported whole.
    globs: Vec<Module>,
    /// Everything of its own crate that it names.
    named: BTreeSet<Module>,
    /// Only lists and re-exports: it needs nothing itself.
    lists: bool,
}

/// The sources of one crate by their paths.
struct Krate(BTreeMap<String, Source>);

/// The tokens without items that are marked `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mark = self::tokens("#[cfg(test)]");
    let mut left = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if tokens[at..].starts_with(&mark) {
            let mut depth = 0;
            while let Some(skipped) = tokens.get(at) {
                at += 1;
                depth += i32::from(skipped.is('{')) - i32::from(skipped.is('}'));
                if depth == 0 && (skipped.is(';') || skipped.is('}')) {
                    break;
                }
            }
        } else {
            left.push(token.clone());
            at += 1;
        }
    }
    left
}

/// The names that a file defines outside of any block, and those that a macro may define.
fn items(tokens: &[Token]) -> BTreeSet<String> {
    const KINDS: [&str; 9] =
        ["struct", "enum", "fn", "trait", "type", "const", "static", "union", "mod"];
    let mut items = BTreeSet::new();
    let mut depth = 0;
    let mut in_macro = false;
    for (at, token) in tokens.iter().enumerate() {
        let next = || tokens.get(at + 1).and_then(Token::word).map(str::to_owned);
        match token {
            Token::Sign('{') => {
                let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
                in_macro |= depth == 0 && before(1).is_some_and(|token| token.is('!'));
                // `macro_rules! name {`
                if depth == 0 && before(2).is_some_and(|token| token.is('!')) {
                    items.extend(before(1).and_then(Token::word).map(str::to_owned));
                }
                depth += 1;
            }
            Token::Sign('}') => {
                depth -= 1;
                in_macro &= depth > 0;
            }
            Token::Word(word) if depth == 0 && KINDS.contains(&word.as_str()) => {
                items.extend(next());
            }
            Token::Word(word) if in_macro && depth == 1 && word.starts_with(char::is_uppercase) => {
                items.insert(word.clone());
            }
            Token::Word(_) | Token::Path | Token::Sign(_) => {}
        }
    }
    items
}

/// What the file of `module` defines, imports and names, and the modules that it declares.
fn read_source(source: &str, module: &[String]) -> (Source, Vec<Module>) {
    let tokens = without_tests(&tokens(source));
    let (raw, declared) = read(&tokens, module);
    let mut read = Source {
        module: module.to_vec(),
        items: items(&tokens),
        lists: only_lists(source),
        ..Source::default()
    };
    // Repeated, because an import may begin with another one.
    for _ in 0..2 {
        for Raw { segments, alias, within, .. } in &raw {
            if let Some((alias, path)) =
                alias.as_ref().zip(full(segments, within, &read, &declared))
            {
                read.imports.insert(alias.clone(), path);
            }
        }
    }
    for Raw { segments, glob, within, .. } in &raw {
        let Some(path) = full(segments, within, &read, &declared) else { continue };
        if *glob {
            read.globs.push(path.clone());
        }
        read.named.insert(path);
    }
    (read, declared)
}

/// A path from the root of the crate; `None` if it leads into another crate, or is of a local name.
fn full(
    segments: &[String],
    within: &[String],
    read: &Source,
    declared: &[Module],
) -> Option<Module> {
    let (first, rest) = segments.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" | "super" => Some(resolve(within, segments)[1..].to_vec()),
        _ => {
            let child = [within, std::slice::from_ref(first)].concat();
            if declared.contains(&child) {
                return Some([&child, rest].concat());
            }
            let imported = read.imports.get(first)?;
            // `use a::b;` stands for itself.
            (!rest.is_empty()).then(|| [imported, rest].concat())
        }
    }
}

impl Krate {
    /// Reads the crate whose sources are in this folder.
    fn read(folder: &str) -> Self {
        let mut sources = BTreeMap::new();
        let mut waiting = vec![(format!("{folder}/lib.rs"), Module::new())];
        while let Some((path, module)) = waiting.pop() {
            let (source, declared) = read_source(&text(&path), &module);
            for module in declared {
                let base = format!("{folder}/{}", module.join("/"));
                let candidates = [format!("{base}.rs"), format!("{base}/mod.rs")];
                let found = candidates.into_iter().find(|path| root().join(path).exists());
                waiting.extend(found.map(|path| (path, module)));
            }
            sources.insert(path, source);
        }
        Self(sources)
    }

    fn of_module(&self, module: &[String]) -> Option<(&String, &Source)> {
        self.0.iter().find(|(_, source)| source.module == module)
    }

    /// The file that defines what the path leads to. `depth` bounds re-exports that lead back to themselves.
    fn definition(&self, path: &[String], depth: usize) -> Option<&String> {
        let length = (0..=path.len()).rev().find(|to| self.of_module(&path[..*to]).is_some())?;
        let (file, source) = self.of_module(&path[..length])?;
        let Some((name, rest)) = path[length..].split_first() else { return Some(file) };
        if source.items.contains(name) || depth == 0 {
            return Some(file);
        }
        if let Some(to) = source.imports.get(name) {
            return self.definition(&[to, rest].concat(), depth - 1);
        }
        let within = source.globs.iter().find_map(|glob| {
            let found = self.definition(&[glob, &path[length..]].concat(), depth - 1)?;
            self.0[found].items.contains(name).then_some(found)
        });
        within.or(Some(file))
    }

    /// The files that each file needs, each with a name that it needs it for.
    fn needs(&self) -> BTreeMap<&String, BTreeMap<&String, String>> {
        let mut needs = BTreeMap::new();
        for (file, source) in &self.0 {
            let mut needed = BTreeMap::new();
            for path in source.named.iter().filter(|_| !source.lists) {
                let Some(other) = self.definition(path, 8) else { continue };
                let is_ancestor = source.module.starts_with(&self.0[other].module);
                if !is_ancestor {
                    needed.entry(other).or_insert_with(|| path.join("::"));
                }
            }
            needs.insert(file, needed);
        }
        needs
    }

    /// The circles: sets of files that all need each other, directly or through others of the set.
    fn circles(&self) -> Vec<BTreeSet<&String>> {
        let needs = self.needs();
        let reached = |from: &String| {
            let mut reached = BTreeSet::new();
            let mut waiting: Vec<&String> = needs[from].keys().copied().collect();
            while let Some(file) = waiting.pop() {
                if reached.insert(file) {
                    waiting.extend(needs[file].keys());
                }
            }
            reached
        };
        let reached: BTreeMap<&String, BTreeSet<&String>> =
            self.0.keys().map(|file| (file, reached(file))).collect();
        let mut circles = Vec::new();
        let mut seen = BTreeSet::new();
        for (file, from) in &reached {
            if from.contains(file) && !seen.contains(file) {
                let circle: BTreeSet<&String> =
                    from.iter().copied().filter(|other| reached[other].contains(file)).collect();
                seen.extend(circle.iter().copied());
                circles.push(circle);
            }
        }
        circles
    }

    /// A circle for people: which file needs which, and for what.
    fn described(&self, circle: &BTreeSet<&String>) -> String {
        let needs = self.needs();
        let mut lines = vec![format!("a circle of {} files:", circle.len())];
        for file in circle {
            for (other, name) in needs[file].iter().filter(|(other, _)| circle.contains(*other)) {
                lines.push(format!("  {file} needs {other} for {name}"));
            }
        }
        lines.join("\n")
    }
}

#[test]
fn files_do_not_import_each_other_in_circles() {
    let mut wrong = Vec::new();
    for folder in folders() {
        let sources = Krate::read(&folder);
        wrong.extend(sources.circles().iter().map(|circle| sources.described(circle)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The sources of this crate and of the others.
fn folders() -> Vec<String> {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let crates = crates.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut folders: Vec<String> = crates.map(|name| format!("crates/{name}/src")).collect();
    folders.sort();
    folders.insert(0, "src".to_owned());
    folders
}

#[test]
fn a_circle_is_found_through_re_exports_and_parents_are_none() {
    let krate = |files: &[(&str, &str)]| {
        let sources = files.iter().map(|(path, source)| {
            (
                format!("src/{path}"),
                read_source(source, &super::tree::module(&format!("src/{path}"))).0,
            )
        });
        Krate(sources.collect())
    };
    let circles = |files: &[(&str, &str)]| {
        let krate = krate(files);
        let circles = krate.circles();
        circles
            .iter()
            .map(|circle| circle.iter().map(|file| file.as_str()).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
    };
    let list = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::*;");
    let found = circles(&[
        list,
        ("a.rs", "use crate::B; struct A;"),
        ("b.rs", "use super::a; struct B(a::A);"),
    ]);
    assert_eq!(found, ["src/a.rs src/b.rs"]);
    let found = circles(&[
        list,
        ("a.rs", "struct A; #[cfg(test)] mod tests { use crate::B; }"),
        ("b.rs", "use crate::A; label! { B = \"b\" { C = \"c\", } }"),
    ]);
    assert!(found.is_empty(), "only a test closes the circle: {found:?}");
    let found = circles(&[
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod b; use b::B; struct A;"),
        ("a/b.rs", "use super::A; struct B;"),
    ]);
    assert!(found.is_empty(), "a parent and its child: {found:?}");
}
