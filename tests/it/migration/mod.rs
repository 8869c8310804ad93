//! Moving between the stores, and from the old Python bot.

mod import;
mod migrate;
mod order;
mod overview;

use std::process::Output;

/// The standard output of a command that succeeded.
fn said(output: &Output) -> String {
    let words = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{words}\n{}", String::from_utf8_lossy(&output.stderr));
    words
}

/// The error output of a command that failed.
fn complaint(output: &Output) -> String {
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    words
}
