//! The operations server.

mod client;
mod hosts;
mod listener;
mod watchdog;
mod state;
mod health;
mod metrics;
mod server;

pub use client::{NoAnswer, get};
pub use hosts::Hosts;
pub use server::serve;
pub use state::OpsState;
pub use watchdog::{SelfReport, Watchdog};
