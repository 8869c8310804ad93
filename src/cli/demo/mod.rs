//! `support-bot demo`: runs the real desk against a simulated Telegram.
//!
//! Invariant: the demo reads no settings of a real desk and contacts nothing outside this machine.

mod play;
mod cast;
mod stage;
mod ledger;
mod scene;
mod traffic;
mod transcript;
mod page;

pub(super) use play::{Program, demo};
