//! Counts unfinished work that was dropped from memory when a partition was revoked.

use std::collections::HashMap;

use domain::{Partition, PartitionSet};

/// The count for each partition. Usually the store still has the work, and the next holder reads it there.
#[derive(Debug, Default)]
pub(in crate::engine) struct ReleasedBacklog(HashMap<Partition, u64>);

impl ReleasedBacklog {
    /// Adds dropped work of a partition.
    pub(in crate::engine) fn add(&mut self, partition: Partition, count: u64) {
        *self.0.entry(partition).or_default() += count;
    }

    /// Partitions were assigned again. Returns how much work is lost: the dropped work of partitions for which the
    /// store holds nothing any more.
    pub(in crate::engine) fn lost(&mut self, assigned: PartitionSet, emptied: PartitionSet) -> u64 {
        let lost = |partition: Partition| {
            let released = self.0.remove(&partition).unwrap_or(0);
            if emptied.contains(partition) { released } else { 0 }
        };
        assigned.iter().map(lost).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UserId;

    #[test]
    fn a_released_backlog_is_lost_once_and_only_with_its_partition() {
        let mut released = ReleasedBacklog::default();
        let (one, other): (PartitionSet, PartitionSet) =
            (Partition::of(UserId(1)).into(), Partition::of(UserId(2)).into());
        for partition in one.and(other).iter() {
            released.add(partition, 3);
        }
        assert_eq!(released.lost(one, PartitionSet::NONE), 0, "another process continues it");
        assert_eq!(released.lost(one, one), 0);
        assert_eq!(released.lost(PartitionSet::ALL, other), 3);
        assert_eq!(released.lost(PartitionSet::ALL, other), 0);
    }
}
