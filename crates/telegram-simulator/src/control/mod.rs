//! The control API: playing people, reading what they see, and letting calls fail, over HTTP.

mod acts;
mod fields;
mod injected;
mod route;
mod shapes;
mod show;

pub(crate) use injected::InjectedFaults;
pub(crate) use route::serve;
