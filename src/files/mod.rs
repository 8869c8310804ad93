//! Reads files that settings name, without trusting them, and says what went wrong.

mod regular;
mod words;

pub use regular::{FileError, open, read, read_text};
pub use words::words;
