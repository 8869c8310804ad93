//! The client: the connection to Redis, what observes it, and the state of the server.

pub(super) mod observer;
pub(super) mod connection;
mod reads;
pub(super) mod server_info;
pub(super) mod health;
pub(super) mod startup_checks;
