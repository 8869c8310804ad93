//! How the program reaches servers on the internet: through a proxy or directly, which certificates it trusts, which
//! addresses it prefers.

mod certificates;
mod failure;
mod outgoing;
mod resolver;

pub use certificates::{Authorities, tls};
pub use failure::{NetworkFailure, ProxyFailure};
pub use outgoing::{InvalidNetwork, Network, Options, Proxy};
