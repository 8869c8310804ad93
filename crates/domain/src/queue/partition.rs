//! Partitions of the conversations: the unit of work that is assigned to one of several processes.

use crate::{Seq, UserId};

/// Number of partitions. It must never change: numbers and keys in shared stores depend on it.
const COUNT: u8 = 16;
/// Number of partitions, for arithmetic.
pub const PARTITIONS: i64 = COUNT as i64;

/// One partition of the conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(u8);

impl Partition {
    /// The first partition, which also holds everything that belongs to no conversation. The process that holds it is
    /// the leader.
    pub const DESK: Self = Self(0);
    /// How many there are.
    pub const COUNT: usize = COUNT as usize;

    /// All partitions, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..COUNT).map(Self)
    }

    /// Returns the partition of a user's conversation.
    pub fn of(user: UserId) -> Self {
        Self::of_number(user.0)
    }

    /// Returns the partition that a sequence number names.
    pub fn of_seq(seq: Seq) -> Self {
        Self::of_number(seq.0)
    }

    /// The number of the partition, from 0.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The partition of a number, such as an id or a sequence number.
    pub fn of_number(number: i64) -> Self {
        // Always below 16, for any number.
        Self(u8::try_from(number.rem_euclid(i64::from(COUNT))).unwrap_or_default())
    }
}

impl From<Partition> for i64 {
    fn from(partition: Partition) -> Self {
        Self::from(partition.0)
    }
}

impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Seq {
    /// Builds a sequence number from a tick and a partition. Ticks rise, so numbers rise across partitions as well.
    pub fn of(tick: i64, partition: Partition) -> Self {
        Self(tick.saturating_mul(PARTITIONS).saturating_add(partition.into()))
    }
}

/// A set of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PartitionSet(u16);

impl PartitionSet {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// The set of all partitions.
    pub const ALL: Self = Self(u16::MAX);

    /// Decodes a bit set; the lowest bit is the first partition.
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// Encodes the set as a bit set; the lowest bit is the first partition.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Whether the set contains a partition.
    pub fn contains(self, partition: Partition) -> bool {
        self.0 & (1 << partition.0) != 0
    }

    /// Number of partitions in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the set with one more partition.
    #[must_use]
    pub fn with(self, partition: Partition) -> Self {
        Self(self.0 | (1 << partition.0))
    }

    /// Returns the union of both sets.
    #[must_use]
    pub fn and(self, those: Self) -> Self {
        Self(self.0 | those.0)
    }

    /// Returns the set without the partitions of the other set.
    #[must_use]
    pub fn without(self, those: Self) -> Self {
        Self(self.0 & !those.0)
    }

    /// Iterates over the partitions in ascending order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Partition> {
        (0..COUNT).map(Partition).filter(move |partition| self.contains(*partition))
    }
}

impl From<Partition> for PartitionSet {
    fn from(partition: Partition) -> Self {
        Self::NONE.with(partition)
    }
}

impl FromIterator<Partition> for PartitionSet {
    fn from_iter<I: IntoIterator<Item = Partition>>(partitions: I) -> Self {
        partitions.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_numbers_have_the_same_partition() {
        for partition in Partition::all() {
            let number = 16 * 12_345 + i64::from(partition.number());
            assert_eq!(Partition::of(UserId(number)), partition);
            assert_eq!(Partition::of_seq(Seq(number)), partition);
            assert!(PartitionSet::ALL.contains(partition));
        }
        assert_eq!(Partition::of(UserId(-1)), Partition(15));
    }

    #[test]
    fn a_set_has_the_members_that_were_added_and_not_removed() {
        let two: PartitionSet = [Partition(0), Partition(9)].into_iter().collect();
        assert_eq!((two.len(), two.iter().next_back()), (2, Some(Partition(9))));
        assert_eq!(two.without(Partition(0).into()), Partition(9).into());
        assert_eq!(PartitionSet::ALL.without(two).and(two), PartitionSet::ALL);
        assert!(PartitionSet::NONE.is_empty() && !two.is_empty());
    }
}
