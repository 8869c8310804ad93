//! Moving: from one store into the other, and from the bot in Python.

mod import;
mod migrate;
mod order;
mod overview;

use std::process::Output;

/// What a command has printed, once it has ended well.
fn said(output: &Output) -> String {
    let words = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{words}\n{}", String::from_utf8_lossy(&output.stderr));
    words
}

/// What a command has complained of, once it has failed.
fn complaint(output: &Output) -> String {
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    words
}
