//! The subcommands.
mod output;
mod exit;
mod progress;
mod common;
mod language;
mod fields;
mod global_options;
mod config;
mod run;
mod draft;
mod doctor;
mod dead;
mod backup;
mod restore;
mod migrate;
mod import;
mod healthcheck;
mod demo;
mod setup;
mod manual;
mod program;

pub use program::main;
