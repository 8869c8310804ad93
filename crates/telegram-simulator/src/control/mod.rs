//! The control API: playing people, reading what they see, and letting calls fail, over HTTP.

mod acts;
mod fields;
mod groups;
mod route;
mod shapes;
mod show;

pub(crate) use route::serve;
