//! The leases of partitions: taken, renewed, balanced among the processes on the store, and taken over from dead ones.

pub(super) mod ticks;
pub(super) mod leases;
pub(super) mod lease_manager;
mod takeover;
mod balancing;
mod listener;
