//! `support-bot setup`: leads from a token to a desk that works.
//!
//! Invariant: nothing is written before every answer is known, no update is confirmed, and nothing is removed at
//! Telegram.

mod bot;
mod choices;
mod command;
mod env_file;
mod group;
mod interruption;
mod listener;
mod one_time_code;
mod options;
mod owner;
mod terminal;

pub(super) use command::setup;
pub(super) use options::Options;
