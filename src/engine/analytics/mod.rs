//! Reports to the tracker, the service that counts where users come from.

mod circuit_breaker;

pub(in crate::engine) use circuit_breaker::{CircuitBreaker, pause};
