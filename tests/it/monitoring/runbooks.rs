//! Every runbook has all its sections, and commands to type.

use super::files::{Runbook, runbooks};

/// The sections of a runbook, in order.
const PARTS: [&str; 6] =
    ["Meaning", "Impact", "Diagnosis", "Mitigation", "Verify it is over", "False alarms"];

fn mistakes(page: &Runbook) -> Vec<String> {
    let mut found = Vec::new();
    let name = &page.alert;
    if page.text.lines().next() != Some(&format!("# {name}")) {
        found.push(format!("{name}: the title must be the name of the alert"));
    }
    let mut parts = page.text.split("\n## ").skip(1);
    let titles: Vec<&str> =
        parts.clone().map(|part| part.lines().next().unwrap_or_default()).collect();
    if titles != PARTS {
        found.push(format!("{name}: wrong sections: {titles:?}"));
    }
    let empty = |part: &&str| part.lines().skip(1).all(|line| line.trim().is_empty());
    if let Some(part) = parts.clone().find(empty) {
        found.push(format!("{name}: empty section {part:?}"));
    }
    if !parts.any(|part| part.starts_with("Diagnosis\n") && part.contains("```")) {
        found.push(format!("{name}: no command under Diagnosis"));
    }
    for word in ["TODO", "TBD", "<Insert", "FIXME"] {
        if page.text.contains(word) {
            found.push(format!("{name}: still contains {word}"));
        }
    }
    found
}

#[test]
fn every_runbook_has_all_sections_and_commands() {
    let found: Vec<String> = runbooks().iter().flat_map(mistakes).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn an_incomplete_runbook_is_reported() {
    let parts = PARTS.map(|part| format!("\n## {part}\n\n```promql\nup\n```\n")).concat();
    let right = Runbook { alert: "Full".to_owned(), text: format!("# Full\n{parts}") };
    assert_eq!(mistakes(&right), Vec::<String>::new());
    assert_eq!(right.queries().len(), 6);
    for (what, by) in [
        ("# Full", "# Empty"),
        ("## Impact", "## Effect"),
        ("## Mitigation\n\n```promql\nup\n```\n", "## Mitigation\n\n\n"),
        ("## Diagnosis\n\n```promql\nup\n```", "## Diagnosis\n\nLook."),
        ("False alarms\n", "False alarms\nTODO\n"),
    ] {
        assert!(right.text.contains(what), "{what}");
        let wrong = Runbook { text: right.text.replace(what, by), ..right.clone() };
        assert_eq!(mistakes(&wrong).len(), 1, "{what}: {:?}", mistakes(&wrong));
    }
}
