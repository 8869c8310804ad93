//! The operations server.

mod client;
mod hosts;
mod listener;
mod watchdog;
mod health;
mod metrics;
mod server;

pub use client::ask;
pub use hosts::Hosts;
pub(in crate::http) use server::until_stopped;
pub use server::{OpsState, serve};
pub use watchdog::Watchdog;
