//! Upkeep: deletes what has expired, and shows that the desk is alive and what it is doing.

mod heartbeat;
mod limit_use;
mod overview;
mod sweeper;

pub use heartbeat::Heartbeat;
pub(in crate::engine) use overview::Overview;
pub use sweeper::Sweeper;
