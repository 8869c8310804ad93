//! Home-made words that gave way to the field's: they do not come back.
//!
//! `docs/develop/glossary.md` has the words to use.

use super::{
    tokens::{Token, tokens},
    tree::{sources, text},
};

/// Names of types that were retired, and the term to use.
const RETIRED: &[(&str, &str)] = &[
    ("Aside", "DirectCall"),
    ("Asides", "DirectCalls"),
    ("Crew", "PartitionManager"),
    ("Ear", "WatchdogReceiver"),
    ("Fate", "NextStep"),
    ("Given", "Context"),
    ("Guest", "connection"),
    ("Guests", "WebhookListener"),
    ("Judgement", "Outcome"),
    ("Keeper", "LeaseManager"),
    ("Knob", "NewsletterButton"),
    ("Left", "ReleasedBacklog"),
    ("Letter", "NewsletterContent"),
    ("Mailing", "Newsletter"),
    ("Need", "Incident"),
    ("Paper", "DispatchResult"),
    ("Patience", "CircuitBreaker"),
    ("Peek", "ReadOnlyStore"),
    ("Place", "a name that says what is placed"),
    ("Places", "InboxCapacity"),
    ("Shard", "Partition"),
    ("Shards", "PartitionSet"),
    ("Share", "Partitions, Leadership, SharedSlots or Board"),
    ("Shift", "PartitionEvent"),
    ("Tally", "Progress"),
];

/// Beginnings of comments that no native writer would choose.
const BEGINNINGS: &[&str] = &["So many ", "So long ", "So often ", "So much ", "So few "];

/// Comments that say nothing.
const EMPTY: &[&str] =
    &["Which.", "Where.", "When.", "Whose.", "Who.", "What.", "For these.", "The answer."];

/// Retired type names that a source defines.
fn retired(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let defines = |pair: &[Token]| {
        let keyword = matches!(pair[0].word(), Some("struct" | "enum" | "trait" | "type"));
        let name = pair[1].word().filter(|_| keyword)?;
        let (_, term) = RETIRED.iter().find(|(retired, _)| *retired == name)?;
        Some(format!("{name}: call it {term}"))
    };
    tokens.windows(2).filter_map(defines).collect()
}

/// The words of a line that is a comment and nothing else.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start().strip_prefix("//")?;
    Some(line.trim_start_matches(['/', '!']).trim())
}

/// Comment lines of a source that begin as none should, or say nothing.
fn odd_comments(source: &str) -> Vec<&str> {
    let mut begins = true;
    let mut found = Vec::new();
    for line in source.lines() {
        let Some(words) = comment(line) else {
            begins = true;
            continue;
        };
        let odd = EMPTY.contains(&words) || BEGINNINGS.iter().any(|odd| words.starts_with(odd));
        if begins && odd {
            found.push(line.trim());
        }
        begins = words.is_empty() || words.ends_with('.');
    }
    found
}

#[test]
fn no_retired_word_comes_back() {
    let mut found = Vec::new();
    for path in sources() {
        // A library of its own, whose words are those of the Bot API; and this list.
        if path.starts_with("crates/telegram-simulator") || path.ends_with("architecture/words.rs")
        {
            continue;
        }
        let source = text(&path);
        found.extend(retired(&source).iter().map(|one| format!("{path}: {one}")));
        found.extend(odd_comments(&source).iter().map(|one| format!("{path}: {one}")));
    }
    assert!(found.is_empty(), "retired words and odd comments:\n{}", found.join("\n"));
}

#[test]
fn a_retired_word_is_found() {
    assert_eq!(retired("pub(super) struct Crew { fate: Fate }").len(), 1, "definitions only");
    assert_eq!(retired("enum Place { Here }").len(), 1);
    assert!(retired("struct PartitionManager;").is_empty());
    let source = "/// So long the store rests.\nconst A: u8 = 1;\n/// Which.\npub b: u8,\n// It is told\n// so. So much for\n// So many words\n";
    assert_eq!(odd_comments(source), ["/// So long the store rests.", "/// Which."]);
}
