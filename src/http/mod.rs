//! The operations server: `/metrics`, `/healthz`, `/readyz`.
//!
//! Invariant: answering asks no dependency. `/healthz` tells whether the loops turn, so that a
//! supervisor restarts a stuck program but not one that waits for Telegram; `/readyz` tells what
//! background probes last found.

mod health;
mod listener;
mod metrics;
mod server;

pub use server::{OpsState, serve};
