//! Everything with I/O, in one binary.

mod codec;
mod contract;
mod sqlite;
