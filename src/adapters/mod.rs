//! The outside world behind the ports.
pub mod telegram;
