//! The operations server: `/metrics`, `/healthz`, `/readyz`, `/watchdog`; and the webhook, on a port of its own.
//!
//! Invariant: the operations server asks no dependency. `/healthz` tells whether the loops turn, so that a
//! supervisor restarts a stuck program but not one that waits for Telegram; `/readyz` tells what
//! background probes last found.

mod ask;
mod guests;
mod health;
mod hosts;
mod listener;
mod metrics;
mod server;
mod watchdog;
mod webhook;

pub use ask::ask;
pub use hosts::Hosts;
pub use server::{OpsState, serve};
pub use watchdog::Watchdog;
pub use webhook::{Taking, Webhook};
