//! What only the store in Redis promises: it outlives the server, the network and a second process.

mod cluster;
mod desks;
mod faults;
mod figures;
mod outages;
mod replicas;
mod server;
mod stored;

pub(crate) use server::Server;
pub(crate) use stored::Stored;
