//! Finds the names in a source: paths from the root of its crate, and paths into other crates.

use std::collections::BTreeSet;

use super::tokens::{Token, tokens};

/// A module within its crate: `["engine", "sender", "plan"]`.
pub(super) type Module = Vec<String>;

/// The modules and paths that a file names.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Full paths: `crate::domain::UserId`, `tokio::time::sleep`.
    pub paths: BTreeSet<String>,
    /// Modules with a file of their own, from the root of the crate.
    pub declared: Vec<Module>,
}

/// Finds the names in the file of `module`. Of other crates, only those in `crates` are recognized.
pub(super) fn names(source: &str, module: &[String], crates: &BTreeSet<String>) -> Names {
    let (raw, declared) = read(&tokens(source), module);
    // Names that refer to an earlier import or to a local declaration.
    let here =
        declared.iter().filter(|one| one.len() == module.len() + 1).filter_map(|one| one.last());
    let imported =
        raw.iter().filter_map(|raw| raw.alias.as_ref().filter(|alias| **alias != raw.segments[0]));
    let known: BTreeSet<&String> = here.chain(imported).collect();
    let mut paths = BTreeSet::new();
    for Raw { segments, within, .. } in &raw {
        let root = segments[0].as_str();
        let full = match root {
            "crate" => segments.clone(),
            "self" | "super" => resolve(within, segments),
            _ if known.contains(&segments[0]) => continue,
            _ if crates.contains(root) => segments.clone(),
            _ => continue,
        };
        paths.insert(full.join("::"));
    }
    Names { paths, declared }
}

/// The paths as written, and the modules with a file of their own.
pub(super) fn read(tokens: &[Token], module: &[String]) -> (Vec<Raw>, Vec<Module>) {
    let (module, raw, declared) = (module.to_vec(), Vec::new(), Vec::new());
    let mut reader = Reader { tokens, at: 0, module, raw, declared };
    reader.read();
    (reader.raw, reader.declared)
}

/// A path as written in the source.
pub(super) struct Raw {
    pub segments: Vec<String>,
    /// The local name, if the path is imported.
    pub alias: Option<String>,
    /// Whether the path is of a `use` that ends with `*`.
    pub glob: bool,
    pub within: Module,
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    module: Module,
    raw: Vec<Raw>,
    declared: Vec<Module>,
}

impl Reader<'_> {
    fn read(&mut self) {
        // The brace depth at which each inline module ends.
        let mut inline = Vec::new();
        let mut depth = 0_usize;
        while let Some(token) = self.peek(0).cloned() {
            match &token {
                Token::Sign('{') => depth += 1,
                Token::Sign('}') => {
                    depth = depth.saturating_sub(1);
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.module.pop();
                    }
                }
                Token::Word(word) if word == "mod" => {
                    if let Some(name) = self.peek(1).and_then(Token::word).map(str::to_owned) {
                        let mut module = self.module.clone();
                        module.push(name);
                        if self.peek(2).is_some_and(|next| next.is(';')) {
                            self.declared.push(module);
                        } else if self.peek(2).is_some_and(|next| next.is('{')) {
                            self.module = module;
                            inline.push(depth);
                        }
                        self.at += 2;
                        continue;
                    }
                }
                Token::Word(word)
                    if word == "use" && !self.peek(1).is_some_and(|next| next.is('<')) =>
                {
                    self.at += 1;
                    self.tree(&[]);
                    continue;
                }
                Token::Word(_) if self.begins_path() => {
                    self.path();
                    continue;
                }
                Token::Word(_) | Token::Path | Token::Sign(_) => {}
            }
            self.at += 1;
        }
    }

    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn begins_path(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).and_then(|at| self.tokens.get(at));
        match before(1) {
            // `::name`, except where it continues a path after `>` or a name.
            Some(Token::Path) => {
                !before(2).is_some_and(|token| token.is('>') || token.word().is_some())
            }
            Some(Token::Sign('.')) => before(2).is_some_and(|token| token.is('.')),
            Some(Token::Word(_) | Token::Sign(_)) | None => true,
        }
    }

    /// A path in an expression or a type; a single name is not a path.
    fn path(&mut self) {
        let mut segments = Vec::new();
        while let Some(word) = self.peek(0).and_then(Token::word) {
            segments.push(word.to_owned());
            self.at += 1;
            if self.peek(0) != Some(&Token::Path) || self.peek(1).and_then(Token::word).is_none() {
                break;
            }
            self.at += 1;
        }
        if segments.len() > 1 {
            self.raw.push(Raw { segments, alias: None, glob: false, within: self.module.clone() });
        }
    }

    /// One branch of a `use`.
    fn tree(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        loop {
            match self.peek(0).cloned() {
                Some(Token::Path) => self.at += 1,
                Some(Token::Word(word)) if word == "as" => {
                    let alias = self.peek(1).and_then(Token::word).map(str::to_owned);
                    self.at += 2;
                    return self.import(segments, alias);
                }
                Some(Token::Word(word)) => {
                    segments.push(word);
                    self.at += 1;
                }
                Some(Token::Sign('*')) => {
                    self.at += 1;
                    let within = self.module.clone();
                    return self.raw.push(Raw { segments, alias: None, glob: true, within });
                }
                Some(Token::Sign('{')) => {
                    self.at += 1;
                    while self.peek(0).is_some_and(|token| !token.is('}')) {
                        self.tree(&segments);
                        if self.peek(0).is_some_and(|token| token.is(',')) {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                Some(Token::Sign(_)) | None => {
                    let alias = segments.last().cloned();
                    return self.import(segments, alias);
                }
            }
        }
    }

    fn import(&mut self, mut segments: Vec<String>, alias: Option<String>) {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        if !segments.is_empty() {
            let alias =
                if alias.as_deref() == Some("self") { segments.last().cloned() } else { alias };
            self.raw.push(Raw { segments, alias, glob: false, within: self.module.clone() });
        }
    }
}

/// Resolves `self::…` and `super::…` from the root of the crate.
pub(super) fn resolve(within: &[String], segments: &[String]) -> Vec<String> {
    let mut full = within.to_vec();
    let mut rest = segments;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "self" => {}
            "super" => drop(full.pop()),
            _ => break,
        }
        rest = after;
    }
    full.insert(0, "crate".to_owned());
    full.extend_from_slice(rest);
    full
}

#[test]
fn all_names_in_a_source_are_found() {
    for (source, named) in [
        ("use crate::{domain::UserId, adapters};", "crate::adapters crate::domain::UserId"),
        ("use crate::{a::{self, b as c}, d::*}; c::x();", "crate::a crate::a::b crate::d"),
        ("fn f() { select! { _ = tokio::time::sleep(d) => () } }", "tokio::time::sleep"),
        ("#[tokio::test] async fn f() { x.tokio::<u8>(); Tokio::new() }", "tokio::test"),
        ("use super::x; fn f() { super::super::y() }", "crate::engine::x crate::y"),
        (
            "mod tests { use super::*; fn f() { super::super::z() } } use super::w;",
            "crate::engine::sender crate::engine::w crate::engine::z",
        ),
        ("mod sentry; use sentry::Client; fn f() { sentry::init() }", ""),
        ("use crate::telemetry::sentry; fn f() { sentry::init() }", "crate::telemetry::sentry"),
        ("use sentry; fn f() { sentry::init() }", "sentry sentry::init"),
        ("type T = <A as B>::tokio; fn f() { ::tokio::spawn(x) }", "tokio::spawn"),
        ("fn f<'a>() -> impl Sized + use<'a> { \"tokio::x\" } // sentry::y", ""),
        ("pub(in crate::engine) fn f(range: std::ops::Range<u8>) {}", "crate::engine"),
    ] {
        let module = ["engine".to_owned(), "sender".to_owned()];
        let crates = BTreeSet::from(["tokio".to_owned(), "sentry".to_owned()]);
        let found = names(source, &module, &crates).paths.into_iter().collect::<Vec<_>>();
        assert_eq!(found.join(" "), named, "{source}");
    }
}

#[test]
fn modules_with_files_are_distinguished_from_inline_ones() {
    let source = "pub mod a; mod b { mod c; } #[cfg(test)] mod d; // mod e;";
    let declared = names(source, &[], &BTreeSet::new()).declared;
    let declared = declared.iter().map(|module| module.join("/")).collect::<Vec<_>>();
    assert_eq!(declared, ["a", "b/c", "d"]);
}
