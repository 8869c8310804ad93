//! Everything with I/O, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod codec;
mod contract;
mod sqlite;
