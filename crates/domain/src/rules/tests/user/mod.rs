//! What a user does.

mod commands;
mod flood;
mod follow_ups;
mod presence;
mod wrote;
