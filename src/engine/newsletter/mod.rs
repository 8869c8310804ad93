//! Newsletters: goes through the conversations a few at a time, and queues the sends.
//!
//! Invariants: the commit that queues a newsletter for a user also records it in the user's conversation, so it is
//! queued once, no matter how often this is interrupted. The number of newsletter sends in the outbox of one process
//! is bounded, no matter how many recipients there are; so is the memory. Only conversations of partitions that the
//! sender was assigned are visited.

mod newsletters;
mod scan;
mod audience;
mod authors;
pub(super) mod progress;
mod feedback;
mod writer;

pub(super) use feedback::Feedback;
pub use newsletters::Newsletters;
