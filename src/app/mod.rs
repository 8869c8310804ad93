//! The composition root.

mod lifecycle;
mod signals;

pub use lifecycle::{Died, Lifecycle, Stopped};
pub use signals::Signals;
