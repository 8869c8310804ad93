//! Turns the environment into validated settings.
//!
//! Invariant: all mistakes are reported at once, each with a remedy. No setting is ignored silently, and no secret is
//! printed.

mod checks;
mod mistakes;
mod network;
mod reader;
mod redis;
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
pub use network::{Network, Proxy};
pub use redis::{Redis, is_sent_in_the_clear};
pub use settings::{Desk, Limits, Logs, Ops, Pace, Sentry, Settings, Store, Telegram, Texts};
pub use source::{Environment, Source};
pub use tgtrack::TgTrack;
pub use values::{Language, LogFormat};
pub use variables::{Requirement, VARIABLES, Variable};
pub use webhook::Webhook;
