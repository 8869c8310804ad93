//! Logs: where records go, which are repeated, and which are kept for a crash file.

pub(super) mod ring;
mod subscriber;
pub(super) mod throttle;

pub use subscriber::{Format, LoggingError, START, install, subscriber};
