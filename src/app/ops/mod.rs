//! Operations: the operations server, metrics of what surrounds the desk, its status, and the watchdog.

mod host_metrics;
mod backups;
mod loop_watch;
mod systemd;
mod call_metrics;
mod redis_metrics;
mod store_check;
mod reporter;
mod watchdog;
mod server;

pub(in crate::app) use call_metrics::CallMetrics;
pub use loop_watch::STOOD_STILL;
pub(in crate::app) use loop_watch::{LoopWatch, Watching};
pub(in crate::app) use redis_metrics::{CommandMetrics, spawn_redis_watcher};
pub(in crate::app) use reporter::StatusReporter;
pub(in crate::app) use server::{serve_ops, spawn_upkeep, spawn_watchers};
pub(in crate::app) use store_check::check_after_kill;
pub use store_check::is_sound;
pub(in crate::app) use systemd::Systemd;
pub(in crate::app) use watchdog::{WatchdogReceiver, watch_for_silence};
