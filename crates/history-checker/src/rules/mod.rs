//! The promises, one per file, and the verdict over all of them.

mod judge;
mod losses;
mod numbers;
mod order;
mod places;
mod repeats;

pub use judge::judge;
