//! Redis servers for tests, and processes and load on them.

mod fleet;
mod groups;
mod rush;
mod server;
mod stored;

pub(crate) use fleet::{CALLS_AT_ONCE, Replicas};
pub(crate) use groups::{Cluster, Watched, until_answer_contains, until_replica_has_all};
pub(crate) use rush::Rush;
pub(crate) use server::Server;
pub(crate) use stored::Stored;
