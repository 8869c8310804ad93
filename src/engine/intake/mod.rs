//! Intake: gets updates from Telegram and stores them before it acknowledges them.

mod inbox_capacity;
mod ingest;
mod polling;
mod relocation;
mod watcher;

pub(in crate::engine) use inbox_capacity::InboxCapacity;
pub use ingest::{Accepted, Ingest};
pub use polling::Polling;
pub use relocation::Relocation;
pub use watcher::Watcher;
