//! Telegram's rate limits, and the share of them that this process may use.

mod group_window;
mod pacing;
mod pacing_limits;
mod quota;
mod sliding_window;
mod terms;
mod token_bucket;

pub(in crate::engine) use pacing::{Bucket, Family, Full, Pacer, Permit, newsletter_rate};
pub use pacing_limits::PacingLimits;
pub(in crate::engine) use terms::{Rank, quarter};
