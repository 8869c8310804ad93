//! Turns the environment into validated settings.
//!
//! Invariant: all mistakes are reported at once, each with a remedy. No setting is ignored silently, and no secret is
//! printed.

mod checks;
mod env_file;
mod mistakes;
mod quoting;
mod paths;
mod placeholders;
mod network;
mod reader;
mod redis;
mod report;
mod rust_log;
mod settings;
mod source;
mod spelling;
mod tgtrack;
mod values;
mod variables;
mod watchdog;
mod webhook;

pub use checks::PRIVATE_SUFFIXES;
pub use mistakes::{Mistake, Mistakes};
pub use quoting::quoted;
pub use redis::{Redis, is_sent_in_the_clear};
pub use report::{InEffect, Value, in_effect};
pub use settings::{Desk, Limits, Logs, Ops, Pace, Sentry, Settings, Store, Telegram, Texts};
pub use source::{Environment, Origin, Source};
pub use tgtrack::TgTrack;
pub use values::{Language, LogFormat, wants_colour};
pub use variables::{Requirement, VARIABLES, Variable, counterpart, file_variable};
pub use webhook::Webhook;
