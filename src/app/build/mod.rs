//! Starts and stops a desk.

mod webhook_secret;
mod commands;
mod loops;
mod intake;
mod open;
mod app;
mod start;

pub use app::App;
