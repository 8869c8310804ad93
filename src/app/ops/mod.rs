//! Operations: the operations server, metrics of what surrounds the desk, its status, and the watchdog.

mod host_metrics;
mod backups;
mod call_metrics;
pub(in crate::app) mod redis;
mod soundness;
mod reporter;
pub(in crate::app) mod watchdog;
mod server;

pub(in crate::app) use call_metrics::CallMetrics;
pub(in crate::app) use reporter::StatusReporter;
pub(in crate::app) use server::{serve_ops, spawn_ops, spawn_upkeep};
pub use soundness::is_sound;
pub(in crate::app) use soundness::look;
