//! What operators and administrators do and see.

mod commands;
mod failures;
mod notes;
mod roles;
