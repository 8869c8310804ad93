//! Methods about the bot itself: its profile, its commands, and how it gets updates.

pub(super) mod commands;
pub(super) mod profile;
pub(super) mod updates;
