//! The file on the disk: its folder, its connections, its format, and whether it is lost.

pub(crate) mod connection;
pub(crate) mod filesystem;
pub(crate) mod loss;
pub(crate) mod schema;
