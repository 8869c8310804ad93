//! Methods about messages: sending, copying, editing, deleting, pinning and reacting to them.

pub(super) mod copy;
pub(super) mod delete;
pub(super) mod edit;
pub(super) mod files;
pub(super) mod media;
pub(super) mod pins;
pub(super) mod reactions;
mod reply;
pub(super) mod send;
