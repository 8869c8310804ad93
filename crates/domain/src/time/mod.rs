//! Moments, and the calendar in which people write them.

mod calendar;
mod millis;
mod spans;

pub use calendar::Date;
pub use millis::Millis;
pub use spans::{Span, Spans};
