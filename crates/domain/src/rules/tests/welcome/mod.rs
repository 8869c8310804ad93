//! The welcome.

mod played;
mod progress;
