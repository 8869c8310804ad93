//! How work flows: updates in, decisions, one commit, sends out.

mod desk;
mod crew;
mod left;
mod heartbeat;
mod record;
mod handlers;
mod newsletter;
mod overview;
mod ingest;
mod worker;
mod places;
mod tokens;
mod pacing;
mod patience;
mod quota;
mod window;
mod latest;
mod topics;
mod forum;
mod sender;
mod sweeper;
mod timers;
mod polling;
mod watcher;

pub use crew::{Crew, Orders};
pub use desk::{Desk, DeskSettings, Parts};
pub use heartbeat::Heartbeat;
pub use ingest::{Accepted, Ingest};
pub use newsletter::Newsletters;
pub use pacing::PacingLimits;
pub use polling::Polling;
pub use sender::{Asides, Sender};
pub use sweeper::Sweeper;
pub use timers::Timers;
pub use watcher::Watcher;
pub use worker::Worker;
