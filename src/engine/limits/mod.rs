//! Telegram's rate limits, and the share of them that this process may use.

mod pacing;
mod quota;
mod sliding_window;
mod token_bucket;

pub use pacing::PacingLimits;
pub(in crate::engine) use pacing::{Bucket, Full, Pacer, Permit, newsletters};
