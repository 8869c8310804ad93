//! The file on the disk: its folder, its connections, its format.

pub(crate) mod connection;
pub(crate) mod filesystem;
pub(crate) mod schema;
