//! A support desk on Telegram: users write to the bot, operators answer in topics of a forum group.
//!
//! Read `ARCHITECTURE.md` first; modules are listed from the inside out, and each may only name
//! those above it, as `tests/it/architecture.rs` enforces.

pub mod i18n;
pub mod config;
pub mod telemetry;
pub mod engine;
pub mod adapters;
pub mod http;
pub mod app;
pub mod cli;
