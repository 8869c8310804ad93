//! Newsletters: goes through the conversations, a few at a time, and queues what is not queued yet.
//!
//! Invariants: that a user is to receive one is kept with the user in the commit that queues it, so that it is queued
//! once, however often this is interrupted. What waits in the outbox of one process is bounded, whatever the number of
//! recipients; so is what is kept in memory. Only conversations of parts that the sender has taken up are gone through.

mod newsletters;
mod walk;
mod counting;
mod authors;
pub(super) mod board;
mod post;

pub use newsletters::Newsletters;
pub(super) use post::Post;
