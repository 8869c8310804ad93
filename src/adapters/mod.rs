//! The outside world behind the ports.

pub mod codec;
pub mod sqlite;
pub mod telegram;
