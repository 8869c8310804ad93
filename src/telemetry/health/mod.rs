//! Liveness and readiness.

mod heartbeats;
mod readiness;
mod standstill;

pub use heartbeats::{Heartbeats, Stale, waiting};
pub use readiness::{ProbeState, Readiness};
pub use standstill::Standstill;
