//! The subcommands.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints to its terminal"
)]

mod output;
mod exit;
mod progress;
mod common;
mod run;
mod doctor;
mod dead;
mod backup;
mod restore;
mod migrate;
mod import;
mod healthcheck;
mod limit_use;
mod demo;
mod setup;
mod program;

pub use program::main;
