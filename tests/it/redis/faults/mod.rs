//! Failures of Redis and of the network to it.

mod network;
mod outages;
mod pubsub;
mod refused;
mod roles;
mod store;
