//! Starts and stops a desk.

mod webhook_secret;
mod intake;
mod start;

pub use start::App;
