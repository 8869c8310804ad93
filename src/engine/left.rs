//! Counts unfinished work that was dropped from memory when a partition was revoked.

use std::collections::HashMap;

use domain::{Shard, Shards};

/// The count for each partition. Usually the store still has the work, and the next holder reads it there.
#[derive(Debug, Default)]
pub(super) struct Left(HashMap<Shard, u64>);

impl Left {
    /// Adds dropped work of a partition.
    pub(super) fn add(&mut self, shard: Shard, count: u64) {
        *self.0.entry(shard).or_default() += count;
    }

    /// Partitions were assigned again. Returns how much work is lost: the dropped work of partitions for which the
    /// store holds nothing any more.
    pub(super) fn lost(&mut self, taken: Shards, emptied: Shards) -> u64 {
        let lost = |shard: Shard| {
            let left = self.0.remove(&shard).unwrap_or(0);
            if emptied.contains(shard) { left } else { 0 }
        };
        taken.iter().map(lost).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UserId;

    #[test]
    fn what_was_let_go_of_is_lost_once_and_only_with_its_part() {
        let mut left = Left::default();
        let (one, other): (Shards, Shards) =
            (Shard::of(UserId(1)).into(), Shard::of(UserId(2)).into());
        for shard in one.and(other).iter() {
            left.add(shard, 3);
        }
        assert_eq!(left.lost(one, Shards::NONE), 0, "another process continues it");
        assert_eq!(left.lost(one, one), 0);
        assert_eq!(left.lost(Shards::ALL, other), 3);
        assert_eq!(left.lost(Shards::ALL, other), 0);
    }
}
