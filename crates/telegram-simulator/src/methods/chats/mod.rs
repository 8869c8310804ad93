//! Methods about chats: what they are, who is in them, and their topics.

pub(super) mod info;
pub(crate) mod members;
pub(crate) mod topics;
