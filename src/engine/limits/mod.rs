//! Telegram's rate limits, and the share of them that this process may use.

mod pacing;
mod pacing_limits;
mod quota;
mod sliding_window;
mod token_bucket;

pub(in crate::engine) use pacing::{Bucket, Full, Pacer, Permit, newsletter_rate};
pub use pacing_limits::PacingLimits;
