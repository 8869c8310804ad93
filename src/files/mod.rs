//! Reads files that settings name, without trusting them.

mod regular;

pub use regular::{FileError, open, read, read_text};
