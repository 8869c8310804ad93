//! Promises about what is stored of a conversation.

pub(super) mod commits;
pub(super) mod links;
pub(super) mod pages;
pub(super) mod timers;
