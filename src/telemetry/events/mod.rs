//! Events, each counted and logged in one place.

mod desk;
pub mod newsletters;
pub mod owner;
pub mod soundness;
pub mod tracker;

pub use desk::*;
