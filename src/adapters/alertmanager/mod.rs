//! Alertmanager: its firing alerts, for the owner's status report.

mod client;

pub use client::Alertmanager;
