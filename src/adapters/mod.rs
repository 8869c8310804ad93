//! The outside world behind the ports.

mod cache;
pub mod alertmanager;
pub mod codec;
pub mod backup;
pub mod import;
pub mod redis;
pub mod sqlite;
pub mod telegram;
pub mod tgtrack;
pub mod toml_file;
pub mod groups;
pub mod welcome;
