//! `bin/book` finds links that lead nowhere, and makes those that leave the book lead to the repository.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// A folder with the script, and these pages.
fn project(pages: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in ["bin/book", "book.toml"] {
        write(&folder, path, &fs::read_to_string(root.join(path)).unwrap());
    }
    for (path, page) in pages {
        write(&folder, path, page);
    }
    folder
}

fn write(folder: &TempDir, path: &str, content: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn book(folder: &TempDir, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new("python3");
    command.arg(folder.path().join("bin/book")).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The complaints about pages of which one has this content.
fn complaints(page: &str) -> Vec<String> {
    let folder = project(&[
        ("docs/SUMMARY.md", "- [One](use/one.md)\n- [Two](two.md)\n"),
        ("docs/use/one.md", page),
        ("docs/two.md", "# Two\n\n## A `part`, twice\n\n## A part, twice\n"),
        ("docs/images/desk.svg", ""),
        ("src/lib.rs", ""),
    ]);
    let output = book(&folder, &["check"], "");
    let found = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), found.is_empty(), "{found}");
    found.lines().map(str::to_owned).collect()
}

#[test]
fn links_that_lead_somewhere_are_right() {
    let page = format!(
        "# One\n[a](../two.md#a-part-twice) [b](../two.md#a-part-twice-1) [c](#one) ![d](../images/desk.svg)\n\
         <img src=\"../images/desk.svg\"> [e](../../src/lib.rs) [f](https://example.org/x#y) [g]({REPOSITORY}/blob/main/src/lib.rs)\n\
         `[h](no.md)`\n```\n[i](no.md)\n```\n"
    );
    assert_eq!(complaints(&page), Vec::<String>::new());
}

#[test]
fn links_that_lead_nowhere_are_found() {
    let elsewhere = format!("{REPOSITORY}/blob/main/src/no.rs");
    for target in [
        "no.md",
        "../two.md#no-part",
        "#no-part",
        "../images/no.png",
        "../../../out",
        "https://",
        "javascript:x",
        &elsewhere,
    ] {
        let found = complaints(&format!("# One\n\n[words]({target})\n"));
        assert!(matches!(&found[..], [one] if one.contains(target)), "{target}: {found:?}");
    }
}

#[test]
fn a_page_that_the_summary_lacks_is_found() {
    let folder = project(&[
        ("docs/SUMMARY.md", "- [One](one.md)\n"),
        ("docs/one.md", ""),
        ("docs/two.md", ""),
    ]);
    let output = book(&folder, &["check"], "");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "bin/book: docs/two.md: docs/SUMMARY.md does not list it\n"
    );
}

#[test]
fn a_broken_link_of_the_book_is_found() {
    let right = "<h1 id=\"one\"></h1><a href=\"#one\">a</a><a href=\"two.html#two\">b</a>";
    let wrong = "<h1 id=\"two\"></h1><a href=\"one.html#two\">a</a><a href=\"no.html\">b</a>";
    let folder = project(&[("target/book/one.html", right), ("target/book/two.html", wrong)]);
    let found = String::from_utf8(book(&folder, &["check"], "").stderr).unwrap();
    assert_eq!(
        found,
        "bin/book: target/book/two.html: one.html#two: no such heading in the book\n\
         bin/book: target/book/two.html: no.html: no such file in the book\n"
    );
}

#[test]
fn links_that_leave_the_book_lead_to_the_repository() {
    let folder = project(&[
        ("docs/images/desk.svg", ""),
        ("src/lib.rs", ""),
        ("old.png", ""),
        ("docs/use/rules.md", "{{#include ../../RULES.md}}\n"),
    ]);
    let chapter = |path: &str, content: &str| json!({ "Chapter": { "name": path, "content": content, "path": path, "source_path": path, "sub_items": [] } });
    let page = "[a](../two.md#x) ![b](../images/desk.svg) [c](../../src/lib.rs) [d](../../src) ![e](../../old.png) `[f](../../x)` [g](#x)\n\
                ```\n[h](../../x)\n```\n[i](../three.md)";
    let input = json!([{}, { "items": [chapter("use/one.md", page), chapter("two.md", ""), chapter("use/rules.md", "[j](docs/two.md) [k](src/lib.rs)")] }]);
    let output = book(&folder, &[], &input.to_string());
    let made: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = format!(
        "[a](../two.md#x) ![b](../images/desk.svg) [c]({REPOSITORY}/blob/main/src/lib.rs) [d]({REPOSITORY}/tree/main/src) \
         ![e]({REPOSITORY}/raw/main/old.png) `[f](../../x)` [g](#x)\n\
         ```\n[h](../../x)\n```\n[i]({REPOSITORY}/blob/main/docs/three.md)"
    );
    assert_eq!(made["items"][0]["Chapter"]["content"], expected);
    let included = format!("[j](../two.md) [k]({REPOSITORY}/blob/main/src/lib.rs)");
    assert_eq!(made["items"][2]["Chapter"]["content"], included);
    assert!(book(&folder, &["supports", "html"], "").status.success());
}
