//! The deployment guide says the same in both languages: equal headings, equal commands, and links that exist.

use super::tree::{root, text};

const ENGLISH: &str = "docs/deployment.en.md";
const RUSSIAN: &str = "docs/deployment.ru.md";

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

/// The fenced blocks, with their info strings.
fn code(page: &str) -> Vec<&str> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in page.lines() {
        let fence = line.trim_start().starts_with("```");
        if inside || fence {
            found.push(line);
        }
        inside ^= fence;
    }
    found
}

/// Words between backticks outside fenced blocks, sorted: settings, files, commands.
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
    prose.sort_unstable();
    prose
}

/// The targets of the links.
fn links(page: &str) -> Vec<&str> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches(['#', ' ']).to_lowercase();
    let kept = kept.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
    kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

#[test]
fn both_languages_have_the_same_sections_and_commands() {
    let (english, russian) = (text(ENGLISH), text(RUSSIAN));
    assert_eq!(headings(&english), headings(&russian));
    assert_eq!(code(&english), code(&russian));
    assert_eq!(names(&english), names(&russian));
    let tables = |page: &str| page.lines().filter(|line| line.starts_with('|')).count();
    assert_eq!(tables(&english), tables(&russian));
}

#[test]
fn each_guide_is_written_in_its_language() {
    let cyrillic = |page: &str| page.chars().filter(|sign| ('а'..='я').contains(sign)).count();
    assert!(cyrillic(&text(ENGLISH)) < 20, "only the link to the other language may differ");
    assert!(cyrillic(&text(RUSSIAN)) > 5000);
}

#[test]
fn links_of_the_guide_lead_to_existing_files_and_headings() {
    for page in [ENGLISH, RUSSIAN] {
        let own = text(page);
        for link in links(&own).into_iter().filter(|link| !link.starts_with("https://")) {
            let (path, part) = link.split_once('#').unwrap_or((link, ""));
            let file = if path.is_empty() { page.to_owned() } else { format!("docs/{path}") };
            assert!(root().join(&file).exists(), "{page}: {link}");
            let target = if path.is_empty() { own.clone() } else { text(&file) };
            let found = target.lines().any(|line| line.starts_with('#') && anchor(line) == part);
            assert!(part.is_empty() || found, "{page}: no heading for the link {link}");
        }
    }
}
