//! The lanes of the outbox in memory, as the loops that perform sends see them.

mod backlog;
mod batch;
mod crowding;
mod depth;
mod destination;
mod dispatch;
mod group;
mod held_lanes;
mod hints;
mod hold;
mod homes;
mod lane;
mod lane_set;
mod limit_history;
mod paging;
mod partitions;
#[cfg(test)]
mod tests;
mod throttle_time;
mod times;
mod waiting;

pub(in crate::engine) use batch::BATCH_LIMIT;
pub(in crate::engine) use depth::Depth;
pub(in crate::engine) use destination::Destination;
pub(in crate::engine) use dispatch::Dispatch;
pub(in crate::engine) use group::{Pressed, Usage};
pub(in crate::engine) use hints::Hints;
pub(in crate::engine) use hold::ReleasedHolds;
pub(in crate::engine) use lane::{bucket, counts_as_lost};
pub(in crate::engine) use lane_set::{LaneLimits, Lanes, STORE_PAUSE, UNCERTAIN_LEASE_PAUSE};
pub(in crate::engine) use limit_history::KEPT;
pub(in crate::engine) use throttle_time::ThrottledTimes;
