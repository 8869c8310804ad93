//! What users and operators see, told as stories through HTTP, in both directions.

mod conversation;
mod kinds;
mod notes;
mod albums;
mod replies;
mod roles;
mod edits;
mod reactions;
mod unknown;
mod backlog;
mod topics;
mod threads;
mod healing;
mod former;
mod commands;
mod presence;
mod failures;
mod languages;
mod newsletter;
mod newsletter_limits;
mod tracking;
mod welcome;
mod start_up;
mod drain;
