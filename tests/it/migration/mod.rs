//! Moving between the stores, and from the old Python bot.

mod import;
mod migrate;
mod order;
mod dry_run;

use std::process::Output;

/// The standard output of a command that succeeded.
fn stdout_of(output: &Output) -> String {
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// The error output of a command that failed.
fn stderr_of(output: &Output) -> String {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    printed
}
