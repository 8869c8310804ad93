//! The operations server (`/metrics`, `/healthz`, `/readyz`, `/watchdog`) and, on a port of its own, the webhook.
//!
//! Invariant: the operations server calls no dependency. `/healthz` shows whether the loops are alive, so that a
//! supervisor restarts a stuck program but not one that waits for Telegram; `/readyz` shows the last results of
//! background probes.

mod ask;
mod webhook_listener;
mod health;
mod hosts;
mod bounded_listener;
mod metrics;
mod server;
mod watchdog;
mod webhook;

pub use ask::ask;
pub use hosts::Hosts;
pub use server::{OpsState, serve};
pub use watchdog::Watchdog;
pub use webhook::{Taking, Webhook};
