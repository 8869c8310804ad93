//! Promises that only the store in Redis makes: it survives failures of the server and the network, and a second
//! process.

mod archive;
mod clocks;
mod cluster;
mod desks;
mod failover;
mod faults;
mod figures;
mod fleet;
mod watchdog_shared;
mod pubsub;
mod takeover;
mod losses;
mod memory;
mod network;
mod newsletter;
mod outages;
mod persistence;
mod refused;
mod replicas;
mod requests;
mod restart;
mod roles;
mod rush;
mod server;
mod several;
mod stored;

pub(crate) use fleet::{CALLS_AT_ONCE, Replicas};
pub(crate) use server::Server;
pub(crate) use several::{Watched, follows};
pub(crate) use stored::Stored;
