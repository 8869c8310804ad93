//! `support-bot demo`: runs the real desk against a simulated Telegram.
//!
//! Invariant: the demo reads no settings of a real desk and contacts nothing outside this machine.

mod runner;
mod actors;
mod recorder;
mod accounting;
mod scenario;
mod killed;
mod process;
mod traffic;
mod transcript;
mod structured;
mod terminal;
mod layout;

pub(super) use runner::{Options, demo};
