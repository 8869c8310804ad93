//! The outside world behind the ports.

pub mod codec;
pub mod backup;
pub mod sqlite;
pub mod telegram;
