//! Files that settings name, read without trust in what they are.

mod regular;

pub use regular::{FileError, open, read, read_text};
