//! The promises, one per file, and the verdict over all of them.

mod check;
mod losses;
mod numbers;
mod order;
mod destinations;
mod repeats;

pub use check::check;
