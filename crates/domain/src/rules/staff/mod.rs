//! What operators do in a topic.

pub(super) mod commands;
pub(super) mod edited;
pub(super) mod former;
pub(super) mod notes;
pub(super) mod topic;
pub(super) mod wrote;
