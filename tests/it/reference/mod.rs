//! The pages of docs/reference, and the picture, say what the code says. `WRITE_REFERENCE=1` writes them.

pub(crate) mod page;
mod settings;
mod command_line;
mod metrics;
mod picture;
mod links;
