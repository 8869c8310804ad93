//! The network of a test: free ports, a proxy with faults, and a load balancer.

mod balancer;
mod port;
mod proxy;

pub(crate) use balancer::Balancer;
pub(crate) use port::free_port;
pub(crate) use proxy::{Network, Proxy};
