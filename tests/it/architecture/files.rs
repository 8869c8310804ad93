//! Every file is declared, states its purpose, is short, and only lists if it is a `mod.rs`.

use super::{
    tokens::{Token, tokens},
    tree::{reached, sources, text},
};

/// Maximum number of lines of a file.
const LINES: usize = 400;

/// `mod.rs` files of `src/` that hold more than a list, with the reason. The rule does not apply to a module that has
/// only its tests beside it, nor to code that tests share.
const NOT_ONLY_LISTS: &[(&str, &str)] = &[
    ("crates/domain/src/rules/mod.rs", "the only exhaustive match over events"),
    ("src/engine/decide/mod.rs", "the worker's loop, which its parts implement"),
    ("src/engine/deliver/mod.rs", "the sender's loop, which its parts implement"),
    ("src/engine/deliver/outcome/mod.rs", "the types that its parts share"),
    ("src/engine/deliver/plan/mod.rs", "the planner, which its parts implement"),
    ("src/engine/limits/pacing/mod.rs", "the pacer, which its part extends"),
    ("src/telemetry/mod.rs", "the main type of the folder"),
    ("src/telemetry/catalogue/mod.rs", "the catalogue, assembled from its areas"),
    ("src/adapters/codec/mod.rs", "the error and the functions that all formats share"),
    ("src/adapters/telegram/decode/mod.rs", "the decoder, which its parts implement"),
    ("crates/telegram-simulator/src/actors/mod.rs", "the types that all actors share"),
];

/// Whether a source holds only `mod`, `use` and `pub use`.
pub(super) fn only_lists(source: &str) -> bool {
    let tokens = tokens(source);
    let mut rest = tokens.as_slice();
    while let Some(first) = rest.first() {
        if first.is('#') {
            rest = after_attribute(rest);
            continue;
        }
        let visibility = if first.word() == Some("pub") { after_visibility(rest) } else { rest };
        if !matches!(visibility.first().and_then(Token::word), Some("mod" | "use")) {
            return false;
        }
        let Some(end) = visibility.iter().position(|token| token.is(';')) else { return false };
        let is_module = visibility[0].word() == Some("mod");
        // An inline `mod name { … }` is code, not a list entry.
        if is_module && end != 2 {
            return false;
        }
        rest = &visibility[end + 1..];
    }
    true
}

fn after_attribute(tokens: &[Token]) -> &[Token] {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is('[')) - i32::from(token.is(']'));
        if depth == 0 && token.is(']') {
            return &tokens[at + 1..];
        }
    }
    &[]
}

fn after_visibility(tokens: &[Token]) -> &[Token] {
    let rest = &tokens[1..];
    match rest.first() {
        Some(open) if open.is('(') => {
            let close = rest.iter().position(|token| token.is(')')).map_or(rest.len(), |at| at + 1);
            &rest[close..]
        }
        Some(_) | None => rest,
    }
}

/// Whether a file must only list: a `mod.rs` of the program with more than its tests beside it.
fn is_list(path: &str, sources: &[String]) -> bool {
    let Some(folder) = path.strip_suffix("mod.rs") else { return false };
    let tests = ["tests", "properties"].map(|name| format!("{folder}{name}"));
    let is_test = |other: &str| tests.iter().any(|tests| other.starts_with(tests));
    let beside = |other: &&String| other.starts_with(folder) && *other != path && !is_test(other);
    path.contains("src/") && !path.contains("/tests/") && sources.iter().any(|other| beside(&other))
}

#[test]
fn every_file_is_declared() {
    let reached = reached();
    let lost: Vec<String> = sources().into_iter().filter(|path| !reached.contains(path)).collect();
    assert!(lost.is_empty(), "not declared by any `mod`: {lost:?}");
}

#[test]
fn every_file_begins_with_its_purpose() {
    let silent: Vec<String> =
        sources().into_iter().filter(|path| !text(path).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "do not begin with `//! `: {silent:?}");
}

#[test]
fn no_file_exceeds_the_line_limit() {
    let lines = |path: &str| text(path).lines().count();
    let long: Vec<String> = sources().into_iter().filter(|path| lines(path) > LINES).collect();
    assert!(long.is_empty(), "longer than {LINES} lines: {long:?}");
}

#[test]
fn a_mod_rs_only_lists() {
    let excused = |path: &str| NOT_ONLY_LISTS.iter().any(|(known, _)| *known == path);
    let sources = sources();
    let ruled = |path: &&String| is_list(path, &sources);
    let wrong: Vec<&String> = sources
        .iter()
        .filter(ruled)
        .filter(|path| only_lists(&text(path)) == excused(path))
        .collect();
    assert!(
        wrong.is_empty(),
        "NOT_ONLY_LISTS must name exactly the `mod.rs` files that hold more than a list: {wrong:?}"
    );
    for (path, reason) in NOT_ONLY_LISTS {
        assert!(
            sources.iter().any(|known| known == path && is_list(known, &sources)),
            "{path} does not exist"
        );
        assert!(!reason.is_empty());
    }
}

#[test]
fn lists_are_distinguished_from_other_files() {
    for list in [
        "//! A.\n\nmod a;\npub mod b;\n#[cfg(test)]\nmod tests;\npub use a::{B, C};\nuse d::*;",
        "pub(in crate::engine) use a::B; pub(crate) mod c;",
        "",
    ] {
        assert!(only_lists(list), "{list}");
    }
    let sources =
        ["src/a/mod.rs", "src/a/b.rs", "src/c/mod.rs", "src/c/tests.rs", "src/a/tests/mod.rs"];
    let sources = sources.map(str::to_owned);
    let lists = sources.iter().filter(|path| is_list(path, &sources)).collect::<Vec<_>>();
    assert_eq!(lists, ["src/a/mod.rs"]);
    for more in ["mod a; fn b() {}", "mod a { fn b() {} }", "pub struct A;", "const A: u8 = 1;"] {
        assert!(!only_lists(more), "{more}");
    }
}
