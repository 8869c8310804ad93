//! Events, each counted and logged in one place.

mod desk;
pub mod limit;
pub mod newsletters;
pub mod owner;
mod program;
pub mod store_check;
pub mod tracker;

pub use desk::*;
pub use program::*;
