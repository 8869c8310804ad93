//! The lanes of the outbox in memory, as the loops that perform sends see them.

mod backlog;
mod batch;
mod depth;
mod hints;
mod lane;
mod lane_set;
mod owned;
mod paging;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
mod throttle_time;

pub(in crate::engine) use batch::RUN_LIMIT;
pub(in crate::engine) use depth::Depth;
pub(in crate::engine) use hints::Hints;
pub(in crate::engine) use lane::{bucket, is_missed};
pub(in crate::engine) use lane_set::{Dispatch, LaneLimits, Lanes, STORE_PAUSE, UNCERTAIN};
pub(in crate::engine) use throttle_time::ThrottledTimes;
