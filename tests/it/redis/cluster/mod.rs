//! Redis Cluster and Sentinel: the way to the right node, and failovers.

mod failover;
mod scripts;
