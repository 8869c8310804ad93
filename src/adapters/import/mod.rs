//! Reads the user data of the old Python bot as conversations.
//!
//! Pure functions: from a text to a conversation and a list of what could not be read.

mod complete;
mod moment;
mod user;

pub use complete::{Completed, OldTopic, complete};
pub use user::{Lacks, OldUser, Skipped, read, user_id};
