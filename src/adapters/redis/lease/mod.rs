//! The leases of partitions: taken, renewed, balanced among the processes on the store, and taken over from dead ones.

pub(super) mod leases;
pub(super) mod lease_manager;
mod inherit;
mod listener;
