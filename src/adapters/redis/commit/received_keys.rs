//! The idempotency keys whose answers were received, until their partition may delete these answers.
//!
//! Every call leaves a key for a minute, so a million keys can wait: a newsletter without limits makes 16,000 calls a
//! second. Keys of about the same time and number therefore share a block, and take two bytes each.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Delay after which a received answer is deleted: longer than a command can be in progress.
const ANSWER_LIFETIME: Duration = Duration::from_mins(1);
/// Limit of answers that one script deletes, and of keys in a block.
const DELETED_TOGETHER: usize = 256;
/// Time after which a block takes no more keys. Its first keys wait no longer than its last.
const BLOCK_TIME: Duration = Duration::from_secs(1);

/// The keys of one partition, oldest block first.
#[derive(Debug, Default)]
pub(super) struct ReceivedKeys(VecDeque<Block>);

/// Keys that were received within [`BLOCK_TIME`].
#[derive(Debug)]
struct Block {
    opened: Instant,
    /// The number of the first key.
    first: u64,
    /// Each key's number, less that of the first.
    offsets: Vec<i16>,
}

impl ReceivedKeys {
    /// Adds a key by its number.
    pub(super) fn add(&mut self, number: u64, now: Instant) {
        if !self.0.back_mut().is_some_and(|block| block.add(number, now)) {
            if let Some(full) = self.0.back_mut() {
                full.offsets.shrink_to_fit();
            }
            self.0.push_back(Block { opened: now, first: number, offsets: vec![0] });
        }
    }

    /// Whether there are answers to delete.
    pub(super) fn has_deletable(&self, now: Instant) -> bool {
        self.0.front().is_some_and(|block| block.is_deletable(now))
    }

    /// Takes the numbers of the oldest answers to delete, as many as one script deletes.
    pub(super) fn take_deletable(&mut self, now: Instant) -> Vec<u64> {
        let mut taken = Vec::new();
        while let Some(block) = self.0.pop_front_if(|block| {
            block.is_deletable(now) && taken.len() + block.offsets.len() <= DELETED_TOGETHER
        }) {
            taken.extend(block.numbers());
        }
        taken
    }
}

impl Block {
    /// Adds a key, unless the block is full or too old, or its numbers are too far away.
    fn add(&mut self, number: u64, now: Instant) -> bool {
        let offset = i16::try_from(number.wrapping_sub(self.first).cast_signed());
        let is_open = self.offsets.len() < DELETED_TOGETHER
            && now.saturating_duration_since(self.opened) < BLOCK_TIME;
        let Some(offset) = offset.ok().filter(|_| is_open) else { return false };
        self.offsets.push(offset);
        true
    }

    /// Whether the last key is old enough, too.
    fn is_deletable(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.opened) > ANSWER_LIFETIME + BLOCK_TIME
    }

    fn numbers(&self) -> impl Iterator<Item = u64> {
        self.offsets.iter().map(|offset| self.first.wrapping_add_signed(i64::from(*offset)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes on the heap, without the allocator's own.
    fn size(keys: &ReceivedKeys) -> usize {
        let offsets = keys.0.iter().map(|block| block.offsets.capacity() * size_of::<i16>());
        keys.0.capacity() * size_of::<Block>() + offsets.sum::<usize>()
    }

    #[test]
    fn a_million_keys_of_a_minute_take_three_megabytes() {
        let begun = Instant::now();
        let mut partitions: Vec<ReceivedKeys> = (0..16).map(|_| ReceivedKeys::default()).collect();
        for number in 0..1_000_000_u64 {
            let now = begun + Duration::from_micros(number * 60);
            partitions[usize::try_from(number * 7 % 16).unwrap()].add(number, now);
        }
        let bytes = partitions.iter().map(size).sum::<usize>();
        assert!(bytes < 3_000_000, "{bytes}");
    }

    #[test]
    fn each_key_is_deleted_once_and_not_within_a_minute() {
        let (mut keys, mut now) = (ReceivedKeys::default(), Instant::now());
        let (mut expected, mut deleted) = (Vec::new(), Vec::new());
        for step in 0..20_000_u64 {
            // Quick and slow times; numbers near each other, in disorder, and now and then far away.
            now += Duration::from_millis(if step / 1_000 % 2 == 0 { 1 } else { step % 90 });
            let number = if step % 1_009 == 0 { step << 40 } else { step ^ 7 };
            keys.add(number, now);
            expected.push((number, now));
            let taken = keys.take_deletable(now);
            assert!(taken.len() <= DELETED_TOGETHER, "{}", taken.len());
            deleted.extend(taken);
            let old = expected.partition_point(|(_, at)| *at + ANSWER_LIFETIME < now);
            assert!(deleted.len() <= old, "{} of {old}", deleted.len());
        }
        assert!(deleted.len() > 1_000);
        now += ANSWER_LIFETIME + BLOCK_TIME * 2;
        while keys.has_deletable(now) {
            deleted.extend(keys.take_deletable(now));
        }
        assert!(deleted.iter().eq(expected.iter().map(|(number, _)| number)));
    }
}
