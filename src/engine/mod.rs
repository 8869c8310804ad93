//! The engine: takes updates in, decides them, commits the results and performs the sends.

mod analytics;
mod cluster;
mod contexts;
mod decide;
mod deliver;
mod desk;
mod groups;
mod instrumentation;
mod intake;
mod lanes;
mod limits;
mod newsletter;
mod queued_sends;
mod upkeep;

pub use analytics::TrackerReports;
pub use cluster::{PartitionCommands, PartitionManager, PartitionedLoops};
pub use contexts::{Contexts, Parts};
pub use decide::{Deciding, Timers, Worker};
pub use deliver::{DirectCalls, Sender, Sending};
pub use desk::{Desk, DeskSettings};
pub use groups::Groups;
pub use intake::{Accepted, Ingest, Polling, Relocation, Watcher};
pub use limits::PacingLimits;
pub use newsletter::Newsletters;
pub use queued_sends::{QueuedReceiver, QueuedSends};
pub use upkeep::{Heartbeat, Sweeper};
