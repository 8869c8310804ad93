//! The promises, one in each file, and the judgement over all of them.

mod judge;
mod losses;
mod numbers;
mod order;
mod places;
mod repeats;

pub use judge::judge;
