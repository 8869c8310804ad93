//! A generated file of the documentation: compared with what the code says, or written anew.

use std::{env, fs, path::Path};

/// Name of the environment variable with which the tests write the files instead of comparing them.
const WRITE: &str = "WRITE_REFERENCE";

/// The first lines of a generated page.
pub(crate) fn head(title: &str, about: &str) -> String {
    format!(
        "<!-- Generated. To write it anew: {WRITE}=1 cargo nextest run --locked -E 'test(reference)' -->\n\n# {title}\n\n{about}\n"
    )
}

/// Fails unless the file has this content; writes it if the environment asks for that.
pub(crate) fn assert_current(path: &str, content: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os(WRITE).is_some() {
        fs::write(&file, content).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let differs = found.lines().zip(content.lines()).position(|(found, made)| found != made);
    assert!(
        found == content,
        "{path} is out of date from line {}; write it anew: {WRITE}=1 cargo nextest run --locked -E 'test(reference)'",
        differs.map_or_else(|| "the end".to_owned(), |line| (line + 1).to_string()),
    );
}

/// A text as a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
