//! Methods of the Bot API: their payloads where teloxide's do not fit, and the parts of their results that are read.

pub(super) mod broadcast;
pub(super) mod copies;
pub(super) mod method;
pub(super) mod payloads;
