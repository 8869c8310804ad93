//! A support desk on Telegram: users write to the bot, operators answer in topics of a forum group.
//!
//! Read `ARCHITECTURE.md` first. This crate builds on the crates `domain` and `ports`. Its modules are listed from
//! the inside out: each may name only those above it, as `tests/it/architecture/layers.rs` enforces.

pub mod files;
pub mod spelling;
pub mod i18n;
pub mod network;
pub mod config;
pub mod telemetry;
pub mod engine;
pub mod adapters;
pub mod http;
pub mod app;
pub mod cli;
