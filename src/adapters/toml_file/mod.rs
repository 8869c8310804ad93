//! Reads the owner's TOML files key by key, so that one pass finds every mistake and its line.

mod mistakes;
mod reading;
mod load;

pub use load::load;
pub use mistakes::{FileMistake, FileMistakes};
pub use reading::{Reading, Table, Value, suggestion, whole};
