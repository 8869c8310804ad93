//! The HTTP side: connections, parameters, envelopes.

mod http;
mod parameters;
mod wire;

pub(in crate::simulator) use http::start;
pub(in crate::simulator) use wire::Wires;
