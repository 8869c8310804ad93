//! What a user does.

pub(super) mod commands;
pub(super) mod flood;
pub(super) mod follow_ups;
pub(super) mod presence;
pub(super) mod wrote;
