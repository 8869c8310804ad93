//! Which lanes are in memory: lanes are read from the store as room is made, and give way to those that wait there.

use tokio::time::{Duration, Instant};

use domain::{Channel, OutboxLane, Partition, PartitionSet, Seq};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Reached};

use super::{
    backlog::{ChannelBacklog, EMPTY_READ_PAUSE, PARKED_PAUSE},
    lane::{Lane, counts_as_lost},
    lane_set::Lanes,
};

/// Dispatches after which a lane gives way to lanes in the store.
const YIELD_AFTER: u32 = 32;

impl Lanes {
    /// Adds the backlog of newly assigned partitions.
    pub(in crate::engine) fn add_backlog(&mut self, partitions: PartitionSet, waiting: &[Backlog]) {
        for channel in Channel::ALL {
            self.backlogs.of(channel).reset(partitions);
        }
        let serves = self.limits.serves;
        let ours = waiting.iter().filter(|one| serves(one.channel));
        for Backlog { partition, channel, waiting, oldest } in ours {
            let backlog = self.backlogs.of(*channel);
            backlog.open = true;
            backlog.not_before = None;
            backlog.count(*partition, i64::try_from(*waiting).unwrap_or(i64::MAX));
            backlog.oldest = [backlog.oldest, Some(*oldest)].into_iter().flatten().min();
        }
    }

    /// Drops the counts of revoked partitions.
    pub(in crate::engine) fn release_backlogs(&mut self, partitions: PartitionSet) {
        for channel in Channel::ALL {
            let missed = counts_as_lost(channel);
            for (partition, count) in self.backlogs.of(channel).reset(partitions) {
                if missed {
                    self.released_backlog.add(partition, count);
                }
            }
        }
    }

    /// Whether an announced send stays in the store: its lane is not in memory, and earlier sends wait.
    pub(in crate::engine) fn stays_in_the_store(&mut self, item: &OutboxItem) -> bool {
        let key = item.queued.lane;
        let backlog = self.backlogs.of(key.channel);
        match self.known.get(&key) {
            // It was counted when its lane was found.
            Some(lane) if Some(item.seq) <= lane.found_up_to => {
                if backlog.open {
                    backlog.count(Partition::of(key.user), 1);
                }
                true
            }
            None if backlog.open || backlog.lanes >= self.capacity => {
                backlog.add(key, item.seq, 1, Some(item.queued.received));
                if backlog.reading {
                    backlog.announced.entry(key).or_default().push(item.seq);
                }
                true
            }
            Some(_) | None => false,
        }
    }

    /// Returns the lane; creates it if it is not in memory.
    pub(in crate::engine) fn get_or_create(&mut self, key: OutboxLane) -> &mut Lane {
        let backlog = self.backlogs.of(key.channel);
        self.known.entry(key).or_insert_with(|| {
            backlog.lanes += 1;
            Lane::empty()
        })
    }

    /// Removes a lane from memory.
    pub(in crate::engine) fn remove(&mut self, key: OutboxLane) -> Option<Lane> {
        let lane = self.known.remove(&key)?;
        self.count_removal(key);
        Some(lane)
    }

    /// Updates the counts for a lane that was already removed.
    pub(in crate::engine) fn count_removal(&mut self, key: OutboxLane) {
        let backlog = self.backlogs.of(key.channel);
        backlog.lanes -= 1;
        if backlog.reading {
            backlog.ended.insert(key);
        }
    }

    /// Removes a lane that has been dispatched often, to make room for lanes in the store, if there are any.
    pub(in crate::engine) fn give_way(&mut self, key: OutboxLane) -> bool {
        let backlog = self.backlogs.of(key.channel);
        let has_waiting = backlog.open && backlog.waiting() > 0;
        if !has_waiting
            || self
                .known
                .get(&key)
                .is_none_or(|lane| lane.dispatches < YIELD_AFTER || lane.is_empty())
        {
            return false;
        }
        let Some(lane) = self.remove(key) else { return false };
        *self.loaded.of(key.channel) -= lane.loaded.len();
        let backlog = self.backlogs.of(key.channel);
        // The number of the first send is known only if it is loaded.
        let first = lane.loaded.front().map_or(Seq(i64::MIN), |item| item.seq);
        backlog.add(key, first, lane.waiting(), lane.oldest());
        true
    }

    /// Begins to read more lanes of a channel, if there are any and there is room. Returns where to continue.
    pub(in crate::engine) fn begin_reading(
        &mut self,
        channel: Channel,
        now: Instant,
    ) -> Option<Reached> {
        self.share_memory(channel, now);
        let reading_threshold = self.reading_threshold();
        let backlog = self.backlogs.of(channel);
        let pauses = backlog.not_before.is_some_and(|at| at > now);
        if !backlog.open || backlog.reading || backlog.lanes >= reading_threshold || pauses {
            return None;
        }
        backlog.reading = true;
        backlog.quiet = true;
        backlog.reassigned = PartitionSet::NONE;
        backlog.ended.clear();
        backlog.announced.clear();
        Some(backlog.reached)
    }

    /// Number of lanes to read at once, so that they fit in memory.
    pub(in crate::engine) fn page_size(&self) -> usize {
        (self.capacity / 4).max(1)
    }

    /// Number of lanes in memory at which none are read, so that a page always fits.
    pub(super) fn reading_threshold(&self) -> usize {
        self.capacity - (self.page_size() - 1)
    }

    /// The earliest time to read lanes of a channel that has room.
    pub(in crate::engine) fn next_reading(&self) -> Option<Instant> {
        let reading_threshold = self.reading_threshold();
        let at = |backlog: &ChannelBacklog| {
            let read = backlog.not_before.filter(|_| backlog.lanes < reading_threshold);
            let shared = !backlog.parked.is_empty();
            [read, backlog.looked.filter(|_| shared)].into_iter().flatten().min()
        };
        let open = self.backlogs.0.iter().filter(|backlog| backlog.open && !backlog.reading);
        open.filter_map(at).min()
    }

    /// Handles a failed read of lanes.
    pub(in crate::engine) fn reading_failed(&mut self, channel: Channel, at: Instant) {
        let backlog = self.backlogs.of(channel);
        backlog.reading = false;
        backlog.not_before = Some(at);
    }

    /// Handles a page of lanes. Returns the number of sends that the store has lost, by partition.
    pub(in crate::engine) fn add_page(
        &mut self,
        channel: Channel,
        page: &LanePage,
        now: Instant,
    ) -> Vec<(Partition, u64)> {
        let backlog = self.backlogs.of(channel);
        backlog.reading = false;
        let ended = std::mem::take(&mut backlog.ended);
        let mut announced = std::mem::take(&mut backlog.announced);
        let reassigned = backlog.reassigned;
        let mut found = false;
        for head in &page.heads {
            let (key, partition) = (head.lane, Partition::of(head.lane.user));
            if !key.is_in(self.partitions)
                || reassigned.contains(partition)
                || self.known.contains_key(&key)
            {
                continue;
            }
            if ended.contains(&key) {
                let backlog = self.backlogs.of(channel);
                backlog.behind = backlog.behind.with(partition);
                continue;
            }
            found = true;
            let later = announced.remove(&key).unwrap_or_default();
            let later = later.into_iter().filter(|seq| *seq > head.last).count();
            self.add_lane(head, later as u64, now);
        }
        let backlog = self.backlogs.of(channel);
        backlog.reached = page.reached;
        backlog.reached.begin_anew(reassigned);
        if page.more || !reassigned.is_empty() {
            return Vec::new();
        }
        if !backlog.behind.is_empty() {
            backlog.reached.begin_anew(std::mem::take(&mut backlog.behind));
            return Vec::new();
        }
        if !backlog.quiet {
            return Vec::new();
        }
        if !found {
            backlog.not_before = Some(now + EMPTY_READ_PAUSE);
        }
        if !backlog.parked.is_empty() {
            // These sends are not missing.
            backlog.not_before = Some(now + PARKED_PAUSE);
            return Vec::new();
        }
        backlog.end_of_read(now)
    }

    /// Adds a lane that was found in the store, with the number of sends that were announced later.
    fn add_lane(&mut self, head: &LaneHead, later: u64, now: Instant) {
        let LaneHead { lane: key, waiting, oldest, last } = *head;
        let waiting = waiting.saturating_add(later);
        let backlog = self.backlogs.of(key.channel);
        backlog.count(Partition::of(key.user), -i64::try_from(waiting).unwrap_or(i64::MAX));
        backlog.mismatch_since = None;
        // The remaining sends came after this one, or shortly before it.
        backlog.oldest = Some(oldest);
        let lane = self.get_or_create(key);
        lane.found_up_to = Some(last);
        lane.count(waiting, Duration::ZERO);
        lane.oldest = Some(oldest);
        self.make_ready(key, now);
    }
}
