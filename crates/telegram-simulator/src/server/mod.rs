//! The HTTP side: connections, parameters, envelopes.

mod http;
mod parameters;
mod wire;

pub(crate) use http::start;
pub(crate) use wire::Wires;
