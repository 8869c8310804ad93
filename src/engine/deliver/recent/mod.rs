//! What recent calls have shown, in memory only: it saves calls, and nothing depends on it.

mod forum;
mod latest;
mod topics;

pub(in crate::engine) use forum::Forum;
pub(in crate::engine) use latest::Latest;
pub(in crate::engine) use topics::Topics;
