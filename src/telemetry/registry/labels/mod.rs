//! The closed sets of values of metric labels.
//!
//! Invariant: a label value comes from one of these enums, so that the number of series is known at
//! compile time, and an id, a name, a text or an error message can never become one.

mod operations;
mod service;

pub use operations::*;
pub use service::*;
