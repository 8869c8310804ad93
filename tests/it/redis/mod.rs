//! Promises that only the store in Redis makes: it survives failures of the server and the network, and a second
//! process.

mod cluster;
mod desks;
mod faults;
mod figures;
mod harness;
mod leases;
mod limits;
mod persistence;
mod replicas;
mod tls;

pub(crate) use harness::{CALLS_AT_ONCE, Replicas, Server, Stored, Watched, until_replica_has_all};
