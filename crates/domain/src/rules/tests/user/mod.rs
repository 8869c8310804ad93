//! What a user does.

mod commands;
mod follow_ups;
mod presence;
mod wrote;
