//! Moments, and the calendar in which people write them.

mod calendar;
mod millis;

pub use calendar::Date;
pub use millis::Millis;
