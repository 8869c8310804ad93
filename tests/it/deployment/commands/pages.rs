//! Finds the commands on the pages: blocks of `sh`, and the commands that are named within a sentence.

use std::fs;

use super::super::compose::{root, text};

/// A fenced block of a page.
pub(super) struct Block {
    pub(super) page: String,
    /// The line of the page where it begins.
    pub(super) line: usize,
    pub(super) language: String,
    pub(super) text: String,
}

/// The pages: the two that people read first, the book, and the runbooks.
pub(super) fn pages() -> Vec<String> {
    let mut found = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned()];
    let mut folders = vec!["docs".to_owned(), "monitoring".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap().map(Result::unwrap) {
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if entry.path().extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The fenced blocks of a page, without the indentation of a list's item, and the code within sentences.
pub(super) fn code(page: &str) -> (Vec<Block>, Vec<String>) {
    let (mut blocks, mut prose) = (Vec::<Block>::new(), String::new());
    let (text, mut inside) = (text(page), None);
    for (line, content) in text.lines().enumerate() {
        let fence = fence(content);
        match (inside, fence) {
            (None, None) => {
                prose.push_str(content);
                prose.push('\n');
            }
            (None, Some(language)) => {
                inside = content.find("```");
                let (page, line, language) = (page.to_owned(), line + 1, language.to_owned());
                blocks.push(Block { page, line, language, text: String::new() });
            }
            (Some(_), Some(_)) => inside = None,
            (Some(indent), None) => {
                let block = blocks.last_mut().unwrap();
                block.text.push_str(content.get(indent..).unwrap_or_default());
                block.text.push('\n');
            }
        }
    }
    let spans = prose.split("\n\n").flat_map(|part| part.split('`').skip(1).step_by(2));
    (blocks, spans.map(|span| span.replace('\n', " ")).collect())
}

/// What follows the fence of a block, which may be the first of a list's item.
fn fence(line: &str) -> Option<&str> {
    let item = line.trim_start().trim_start_matches(|sign: char| sign.is_ascii_digit());
    let item = item.strip_prefix(". ").unwrap_or(item);
    item.strip_prefix("```")
}

/// The block of a page that begins with these words.
pub(in crate::deployment) fn block(page: &str, begins: &str) -> String {
    let (blocks, _) = code(page);
    let found = blocks.into_iter().find(|block| block.text.starts_with(begins));
    found.unwrap_or_else(|| panic!("{page} has no block that begins with {begins}")).text
}
