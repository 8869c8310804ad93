//! What the bot in Python kept of its users, read as conversations of this desk.
//!
//! Pure: a text in, a conversation out, and what of it could not be read.

mod complete;
mod moment;
mod user;

pub use complete::{Completed, OldTopic, complete};
pub use user::{Lacks, Left, OldUser, read, user_id};
