//! The partitions of this process: assigned to its loops, and revoked from them.

mod partition_manager;
mod released_backlog;

pub(in crate::engine) use partition_manager::{Assigned, PartitionCommand};
pub use partition_manager::{PartitionCommands, PartitionManager, PartitionedLoops};
pub(in crate::engine) use released_backlog::ReleasedBacklog;
