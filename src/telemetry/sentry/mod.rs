//! Reports of errors and panics to Sentry, without anything private.

mod client;
mod grouping;
pub(super) mod scrub;
mod transport;

pub(super) use client::layers;
pub use client::{Guard, InvalidDsn, flush, init, is_dsn};
