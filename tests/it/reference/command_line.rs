//! The page of the command line is what the program prints as its help.

use std::{fmt::Write as _, process::Command};

use super::page::{assert_current, head};

/// The help of a subcommand; none for the program itself.
fn help(subcommand: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_support-bot"))
        .args(subcommand)
        .arg("--help")
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{subcommand:?}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Names of the subcommands that a help lists.
fn subcommands(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    listed
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

/// Appends the help of a subcommand and of those below it.
fn describe(page: &mut String, subcommand: &[&str]) {
    let help = help(subcommand);
    let name = [&["support-bot"], subcommand].concat().join(" ");
    writeln!(page, "\n## {name}\n\n```text\n{help}\n```").unwrap();
    for below in subcommands(&help) {
        describe(page, &[subcommand, &[below]].concat());
    }
}

#[test]
fn the_reference_of_the_command_line_matches_the_programs_help() {
    let mut page = head(
        "Command line",
        "What `support-bot --help` prints, and the help of each subcommand. In a container: `docker compose exec support-bot support-bot doctor`.",
    );
    describe(&mut page, &[]);
    for known in ["## support-bot dead list", "## support-bot doctor", "## support-bot demo"] {
        assert!(page.contains(known), "{known}");
    }
    assert_current("docs/reference/cli.md", &page);
}
