//! The subcommands.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints to its terminal"
)]

mod common;
mod global_options;
mod config;
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
mod program;

pub use program::main;
