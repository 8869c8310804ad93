//! Sends that wait in the store and in no lane in memory. They are counted, and loaded in order as lanes drain.
//!
//! Invariant: the number of lanes in memory is bounded for each channel. A channel is *open* while some of its sends
//! may be in the store only. A send for a lane that is not in memory is then only counted, and is found in the store
//! later. The channel closes when the store was read to its end, nothing arrived meanwhile, and the count is zero:
//! every announced send is then in memory, and every send in memory was announced.

use std::collections::{HashMap, HashSet};

use tokio::time::{Duration, Instant};

use domain::{Channel, GroupKey, Millis, OutboxLane, Partition, PartitionSet, Seq, Waiting};
use ports::Reached;

/// Delay before the next read after an empty one.
pub(super) const EMPTY_READ_PAUSE: Duration = Duration::from_millis(50);

/// Delay before the next read while lanes wait for others of their group, unless something arrives.
pub(super) const PARKED_PAUSE: Duration = Duration::from_secs(1);

/// Time within which a send that is in the store is announced to the sender.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(30);

/// For each channel, the sends that may be in the store only.
#[derive(Debug, Default)]
pub(in crate::engine) struct Backlogs(pub(super) Box<[ChannelBacklog; Channel::ALL.len()]>);

/// The sends of one channel that may be in the store only.
#[derive(Debug, Default)]
pub(in crate::engine) struct ChannelBacklog {
    /// Whether there may be any.
    pub(super) open: bool,
    /// Number of lanes in memory.
    pub(super) lanes: usize,
    /// Announced sends that are in no lane in memory, by partition. The count is negative if sends were found before
    /// they were announced.
    counts: [i64; Partition::COUNT],
    /// Approximate receipt time of the oldest send's update.
    pub(super) oldest: Option<Millis>,
    pub(super) reached: Reached,
    /// Partitions in which the read has skipped something before `reached`.
    pub(super) behind: PartitionSet,
    /// Partitions that were assigned or revoked during the present read.
    pub(super) reassigned: PartitionSet,
    pub(super) reading: bool,
    /// Whether nothing has arrived since the present read began.
    pub(super) quiet: bool,
    /// Since when the count has not been zero, although all was read from the beginning and nothing arrives.
    pub(super) mismatch_since: Option<Instant>,
    /// Lanes that ended during the present read: the sends that it returns for them may be done.
    pub(super) ended: HashSet<OutboxLane>,
    /// Sends that were announced during the present read, for lanes that are not in memory. They may be later than
    /// the sends that it returns.
    pub(super) announced: HashMap<OutboxLane, Vec<Seq>>,
    pub(super) not_before: Option<Instant>,
    /// The groups of which lanes have left memory until others of them are served, and the partitions of these.
    pub(super) parked: Vec<(GroupKey, PartitionSet)>,
    /// Before this time, nobody looks whether groups share the memory.
    pub(super) looked: Option<Instant>,
}

impl ChannelBacklog {
    pub(super) fn count(&mut self, partition: Partition, more: i64) {
        if let Some(count) = self.counts.get_mut(usize::from(partition.number())) {
            *count += more;
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.counts.iter().sum::<i64>().max(0).unsigned_abs()
    }

    /// Adds sends that are in the store only; the first has this number.
    pub(super) fn add(&mut self, lane: OutboxLane, first: Seq, more: u64, oldest: Option<Millis>) {
        let partition = Partition::of(lane.user);
        if !self.open {
            // As far as is known, all earlier sends are in memory.
            self.reached = Reached::everywhere(Seq(first.0.saturating_sub(1)));
        }
        if first <= self.reached.of(partition) {
            self.behind = self.behind.with(partition);
        }
        self.open = true;
        self.quiet = false;
        self.mismatch_since = None;
        self.not_before = None;
        self.count(partition, i64::try_from(more).unwrap_or(i64::MAX));
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
    }

    /// Drops the counts of these partitions. Returns the count of each.
    pub(super) fn reset(&mut self, partitions: PartitionSet) -> Vec<(Partition, u64)> {
        self.reached.begin_anew(partitions);
        self.reassigned = self.reassigned.and(partitions);
        self.mismatch_since = None;
        self.parked.retain_mut(|(_, parked)| {
            *parked = parked.without(partitions);
            !parked.is_empty()
        });
        let mut counts = Vec::new();
        for partition in partitions.iter() {
            if let Some(count) = self.counts.get_mut(usize::from(partition.number())) {
                counts.push((partition, std::mem::take(count).max(0).unsigned_abs()));
            }
        }
        counts
    }

    /// Handles a complete read during which nothing arrived. Returns the number of lost sends by partition.
    pub(super) fn end_of_read(&mut self, now: Instant) -> Vec<(Partition, u64)> {
        if self.counts.iter().all(|count| *count == 0) {
            *self = Self { lanes: self.lanes, ..Self::default() };
            return Vec::new();
        }
        let Some(since) = self.mismatch_since else {
            // Read once more from the beginning, to be sure.
            self.mismatch_since = Some(now);
            self.reached = Reached::default();
            return Vec::new();
        };
        self.not_before = Some(now + EMPTY_READ_PAUSE);
        let missing: i64 = self.counts.iter().sum();
        let late = now.saturating_duration_since(since) >= ANNOUNCED_WITHIN;
        if missing <= 0 && !late {
            return Vec::new();
        }
        let lost = self.reset(PartitionSet::ALL);
        self.reassigned = PartitionSet::NONE;
        lost
    }
}

impl Backlogs {
    pub(in crate::engine) fn of(&mut self, channel: Channel) -> &mut ChannelBacklog {
        &mut self.0[channel as usize]
    }

    /// Whether no channel is open.
    #[cfg(test)]
    pub(in crate::engine) fn are_closed(&self) -> bool {
        self.0.iter().all(|backlog| !backlog.open)
    }

    /// The sends that wait in the store only, by channel.
    pub(in crate::engine) fn waiting(&self) -> impl Iterator<Item = (Channel, Waiting)> {
        Channel::ALL
            .into_iter()
            .zip(self.0.iter())
            .filter(|(_, backlog)| backlog.waiting() > 0)
            .map(|(channel, backlog)| {
                (channel, Waiting { count: backlog.waiting(), oldest: backlog.oldest })
            })
    }
}
