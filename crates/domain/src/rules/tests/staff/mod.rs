//! What operators do in a topic.

mod commands;
mod former;
mod notes;
mod topic;
mod wrote;
