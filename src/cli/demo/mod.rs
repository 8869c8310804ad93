//! `support-bot demo`: the real desk against a simulated Telegram, for anyone, on any machine.
//!
//! Invariant: no setting of a real desk is read, and nothing outside of this machine is reached.

mod play;
mod cast;
mod stage;
mod ledger;
mod scene;
mod traffic;
mod transcript;
mod page;

pub(super) use play::{Program, demo};
