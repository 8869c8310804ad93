//! A page of the book says the same in both languages: equal headings, equal commands, equal names.
//!
//! That links lead somewhere is checked by `bin/book check`.

use super::tree::{files, root, text};

/// The Russian pages; the English one has the same path without `ru/`.
const RUSSIAN: &str = "docs/ru";

/// The Russian pages, each with the path of the English one.
fn pairs() -> Vec<(String, String)> {
    let russian = files(RUSSIAN, &["md"]);
    let english = |path: &String| path.replacen(RUSSIAN, "docs", 1);
    let pairs: Vec<_> = russian.iter().map(|path| (path.clone(), english(path))).collect();
    assert!(!pairs.is_empty(), "no pages in {RUSSIAN}");
    for (russian, english) in &pairs {
        assert!(root().join(english).exists(), "{russian} has no page in English");
    }
    pairs
}

/// Examples of what people write, which each language has in its own words.
const EXAMPLES: &[&str] = &["// a note", "/command", "Our shop - https://example.org"];

/// The level of each heading, in order.
fn headings(page: &str) -> Vec<usize> {
    let mut code = false;
    let mut found = Vec::new();
    for line in page.lines() {
        code ^= line.trim_start().starts_with("```");
        if !code && line.starts_with('#') {
            found.push(line.chars().take_while(|sign| *sign == '#').count());
        }
    }
    found
}

/// The fenced blocks, with their info strings, without comments, which may be translated.
fn code(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        let fence = line.trim_start().starts_with("```");
        if inside || fence {
            let line = if line.starts_with('#') { "" } else { line };
            found.push(line.split("  #").next().unwrap_or(line).trim());
        }
        inside ^= fence;
    }
    found.retain(|line| !line.is_empty());
    found
}

/// Words between backticks outside fenced blocks, sorted: settings, files, commands. Not those that are words of people.
fn names(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut prose = Vec::new();
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            prose.extend(line.split('`').skip(1).step_by(2));
        }
    }
    prose.retain(|name| name.contains(['/', '_', '.', '-', '=']));
    prose.retain(|name| cyrillic(name) == 0 && !EXAMPLES.contains(name));
    prose.sort_unstable();
    prose.dedup();
    prose
}

fn cyrillic(page: &str) -> usize {
    page.chars().filter(|sign| ('а'..='я').contains(sign)).count()
}

#[test]
fn both_languages_have_the_same_sections_and_commands() {
    for (russian, english) in pairs() {
        let (theirs, ours) = (text(&russian), text(&english));
        assert_eq!(headings(&theirs), headings(&ours), "{russian}: headings");
        assert_eq!(code(&theirs), code(&ours), "{russian}: commands");
        assert_eq!(names(&theirs), names(&ours), "{russian}: names");
        let rows = |page: &str| page.lines().filter(|line| line.starts_with('|')).count();
        assert_eq!(rows(&theirs), rows(&ours), "{russian}: rows of tables");
    }
}

#[test]
fn each_page_is_written_in_its_language() {
    for (russian, english) in pairs() {
        let (theirs, ours) = (text(&russian), text(&english));
        assert!(cyrillic(&theirs) * 4 > theirs.chars().count(), "{russian} is not in Russian");
        assert!(cyrillic(&ours) * 50 < ours.chars().count(), "{english} is not in English");
    }
}

#[test]
fn each_runbook_begins_with_its_meaning_in_russian() {
    let runbooks = files("monitoring/runbooks", &["md"]);
    assert!(runbooks.len() > 20, "{runbooks:?}");
    for path in runbooks {
        let page = text(&path);
        let quote: String = page.lines().skip(2).take_while(|line| line.starts_with('>')).collect();
        assert!(quote.starts_with("> **По-русски.** "), "{path}: the third line must begin so");
        assert!(cyrillic(&quote) > 80, "{path}: what it means, and what to do first");
    }
}
