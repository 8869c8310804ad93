//! Partitions of the conversations: the unit of work that is assigned to one of several processes.

use super::{OutboxLane, Seq, UserId};

/// Number of partitions. It must never change: numbers and keys in shared stores depend on it.
const SHARDS: u8 = 16;
/// Number of partitions, for arithmetic.
pub const PARTS: i64 = SHARDS as i64;

/// One partition of the conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// The first partition, which also holds everything that belongs to no conversation. The process that holds it is
    /// the leader.
    pub const DESK: Self = Self(0);
    /// How many there are.
    pub const COUNT: usize = SHARDS as usize;

    /// All partitions, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS).map(Self)
    }

    /// Returns the partition of a user's conversation.
    pub fn of(user: UserId) -> Self {
        Self::of_number(user.0)
    }

    /// Returns the partition that a number encodes, in a store whose numbers encode it.
    pub fn of_seq(seq: Seq) -> Self {
        Self::of_number(seq.0)
    }

    /// The number of the partition, from 0.
    pub fn number(self) -> u8 {
        self.0
    }

    fn of_number(number: i64) -> Self {
        // Always below 16, for any number.
        Self(u8::try_from(number.rem_euclid(i64::from(SHARDS))).unwrap_or_default())
    }
}

impl Seq {
    /// Builds a number from a tick and a partition. Ticks rise, therefore numbers rise across partitions, too.
    pub fn of(tick: i64, part: i64) -> Self {
        Self(tick.saturating_mul(PARTS).saturating_add(part))
    }

    /// Returns the partition that the number encodes.
    pub fn part(self) -> i64 {
        self.0.rem_euclid(PARTS)
    }
}

/// A set of partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shards(u16);

impl Shards {
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
    pub fn contains(self, shard: Shard) -> bool {
        self.0 & (1 << shard.0) != 0
    }

    /// Whether the set contains the partition of an outbox lane.
    pub fn keep(self, lane: OutboxLane) -> bool {
        self.contains(Shard::of(lane.user))
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
    pub fn with(self, shard: Shard) -> Self {
        Self(self.0 | (1 << shard.0))
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
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Shard> {
        (0..SHARDS).map(Shard).filter(move |shard| self.contains(*shard))
    }
}

impl From<Shard> for Shards {
    fn from(shard: Shard) -> Self {
        Self::NONE.with(shard)
    }
}

impl FromIterator<Shard> for Shards {
    fn from_iter<I: IntoIterator<Item = Shard>>(shards: I) -> Self {
        shards.into_iter().fold(Self::NONE, Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_numbers_name_the_same_parts() {
        for shard in Shard::all() {
            let number = 16 * 12_345 + i64::from(shard.number());
            assert_eq!(Shard::of(UserId(number)), shard);
            assert_eq!(Shard::of_seq(Seq(number)), shard);
            assert!(Shards::ALL.contains(shard));
        }
        assert_eq!(Shard::of(UserId(-1)), Shard(15));
    }

    #[test]
    fn sets_are_sets() {
        let two: Shards = [Shard(0), Shard(9)].into_iter().collect();
        assert_eq!((two.len(), two.iter().next_back()), (2, Some(Shard(9))));
        assert_eq!(two.without(Shard(0).into()), Shard(9).into());
        assert_eq!(Shards::ALL.without(two).and(two), Shards::ALL);
        assert!(Shards::NONE.is_empty() && !two.is_empty());
    }
}
