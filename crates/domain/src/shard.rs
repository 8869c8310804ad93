//! Parts of the conversations: what one process of several takes care of at a time.

use super::{OutboxLane, Seq, UserId};

/// So many parts there are, for good: the numbers and keys of a shared store depend on it.
const SHARDS: u8 = 16;
/// The same, where numbers are reckoned with.
pub const PARTS: i64 = SHARDS as i64;

/// One part of the conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// What belongs to the desk itself is in the first; who holds it does what only one process may do.
    pub const DESK: Self = Self(0);
    /// How many there are.
    pub const COUNT: usize = SHARDS as usize;

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SHARDS).map(Self)
    }

    /// The part that a conversation is in.
    pub fn of(user: UserId) -> Self {
        Self::of_number(user.0)
    }

    /// The part that has given a number in a store whose numbers name it.
    pub fn of_seq(seq: Seq) -> Self {
        Self::of_number(seq.0)
    }

    /// Its place among all.
    pub fn number(self) -> u8 {
        self.0
    }

    fn of_number(number: i64) -> Self {
        // Below 16, whatever the number is.
        Self(u8::try_from(number.rem_euclid(i64::from(SHARDS))).unwrap_or_default())
    }
}

impl Seq {
    /// The number of this tick in this part: ticks rise, so numbers do, whatever their parts.
    pub fn of(tick: i64, part: i64) -> Self {
        Self(tick.saturating_mul(PARTS).saturating_add(part))
    }

    /// The part that it names.
    pub fn part(self) -> i64 {
        self.0.rem_euclid(PARTS)
    }
}

/// A set of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shards(u16);

impl Shards {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(u16::MAX);

    /// Those of a bit set, the first in the lowest bit.
    pub fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// As a bit set.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Whether a part is among them.
    pub fn contains(self, shard: Shard) -> bool {
        self.0 & (1 << shard.0) != 0
    }

    /// Whether the conversation of a lane of sends is in one of them.
    pub fn keep(self, lane: OutboxLane) -> bool {
        self.contains(Shard::of(lane.user))
    }

    /// How many.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, shard: Shard) -> Self {
        Self(self.0 | (1 << shard.0))
    }

    /// These and those.
    #[must_use]
    pub fn and(self, those: Self) -> Self {
        Self(self.0 | those.0)
    }

    /// These without those.
    #[must_use]
    pub fn without(self, those: Self) -> Self {
        Self(self.0 & !those.0)
    }

    /// Each of them, the first first.
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
