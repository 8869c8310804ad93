//! The order of queued work: its urgency, partitions, and lanes within them.

mod class;
mod lane;
mod partition;

pub use class::{Class, Standing};
pub use lane::{Channel, InboxLane, OutboxLane};
pub use partition::{PARTITIONS, Partition, PartitionSet};
