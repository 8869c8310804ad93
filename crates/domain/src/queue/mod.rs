//! The order of queued work: partitions, and lanes within them.

mod lane;
mod partition;

pub use lane::{Channel, InboxLane, OutboxLane};
pub use partition::{PARTITIONS, Partition, PartitionSet};
