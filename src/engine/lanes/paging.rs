//! Which lanes are in memory: lanes are read from the store as room is made, and give way to those that wait there.

use tokio::time::{Duration, Instant};

use domain::{Channel, OutboxLane, Partition, PartitionSet, Seq};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Reached};

use super::{
    backlog::{PAUSE, Rest},
    lane::{Lane, is_missed},
    lane_set::Lanes,
};

/// Dispatches after which a lane gives way to lanes in the store.
const TURNS: u32 = 32;

impl Lanes {
    /// Adds the backlog of newly assigned partitions.
    pub(in crate::engine) fn assign(&mut self, partitions: PartitionSet, backlog: &[Backlog]) {
        for channel in Channel::ALL {
            self.backlogs.of(channel).forget(partitions);
        }
        let serves = self.limits.serves;
        let ours = backlog.iter().filter(|backlog| serves(backlog.channel));
        for Backlog { partition, channel, waiting, oldest } in ours {
            let rest = self.backlogs.of(*channel);
            rest.open = true;
            rest.not_before = None;
            rest.count(*partition, i64::try_from(*waiting).unwrap_or(i64::MAX));
            rest.oldest = [rest.oldest, Some(*oldest)].into_iter().flatten().min();
        }
    }

    /// Drops the counts of revoked partitions.
    pub(in crate::engine) fn let_go_of_the_rest(&mut self, partitions: PartitionSet) {
        for channel in Channel::ALL {
            let missed = is_missed(channel);
            for (partition, count) in self.backlogs.of(channel).forget(partitions) {
                if missed {
                    self.left.add(partition, count);
                }
            }
        }
    }

    /// Whether an announced send stays in the store: its lane is not in memory, and earlier sends wait.
    pub(in crate::engine) fn stays_in_the_store(&mut self, item: &OutboxItem) -> bool {
        let key = item.queued.lane;
        let rest = self.backlogs.of(key.channel);
        match self.known.get(&key) {
            // It was counted when its lane was found.
            Some(lane) if Some(item.seq) <= lane.found_up_to => {
                if rest.open {
                    rest.count(Partition::of(key.user), 1);
                }
                true
            }
            None if rest.open || rest.held >= self.most => {
                rest.add(key, item.seq, 1, Some(item.queued.received));
                if rest.reading {
                    rest.told.entry(key).or_default().push(item.seq);
                }
                true
            }
            Some(_) | None => false,
        }
    }

    /// Returns the lane; creates it if it is not in memory.
    pub(in crate::engine) fn hold(&mut self, key: OutboxLane) -> &mut Lane {
        let rest = self.backlogs.of(key.channel);
        self.known.entry(key).or_insert_with(|| {
            rest.held += 1;
            Lane::empty()
        })
    }

    /// Removes a lane from memory.
    pub(in crate::engine) fn release(&mut self, key: OutboxLane) -> Option<Lane> {
        let lane = self.known.remove(&key)?;
        self.released(key);
        Some(lane)
    }

    /// Updates the counts for a lane that was already removed.
    pub(in crate::engine) fn released(&mut self, key: OutboxLane) {
        let rest = self.backlogs.of(key.channel);
        rest.held -= 1;
        if rest.reading {
            rest.gone.insert(key);
        }
    }

    /// Removes a lane that has been dispatched often, to make room for lanes in the store, if there are any.
    pub(in crate::engine) fn steps_back(&mut self, key: OutboxLane) -> bool {
        let rest = self.backlogs.of(key.channel);
        let waits = rest.open && rest.waiting() > 0;
        if !waits || self.known.get(&key).is_none_or(|lane| lane.turns < TURNS || lane.is_empty()) {
            return false;
        }
        let Some(lane) = self.release(key) else { return false };
        *self.loaded.of(key.channel) -= lane.loaded.len();
        let rest = self.backlogs.of(key.channel);
        // The number of the first send is known only if it is loaded.
        let first = lane.loaded.front().map_or(Seq(i64::MIN), |item| item.seq);
        rest.add(key, first, lane.waiting(), lane.oldest());
        true
    }

    /// Begins to read more lanes of a channel, if there are any and there is room. Returns where to continue.
    pub(in crate::engine) fn begin_reading(
        &mut self,
        channel: Channel,
        now: Instant,
    ) -> Option<Reached> {
        let enough = self.enough();
        let rest = self.backlogs.of(channel);
        let waits = rest.not_before.is_some_and(|at| at > now);
        if !rest.open || rest.reading || rest.held >= enough || waits {
            return None;
        }
        rest.reading = true;
        rest.quiet = true;
        rest.anew = PartitionSet::NONE;
        rest.gone.clear();
        rest.told.clear();
        Some(rest.reached)
    }

    /// Number of lanes to read at once, so that they fit in memory.
    pub(in crate::engine) fn page(&self) -> usize {
        (self.most / 4).max(1)
    }

    /// Number of lanes in memory at which none are read, so that a page always fits.
    fn enough(&self) -> usize {
        self.most - (self.page() - 1)
    }

    /// The earliest time to read lanes of a channel that has room.
    pub(in crate::engine) fn next_reading(&self) -> Option<Instant> {
        let enough = self.enough();
        let has_room = |rest: &&Rest| rest.open && !rest.reading && rest.held < enough;
        self.backlogs.0.iter().filter(has_room).filter_map(|rest| rest.not_before).min()
    }

    /// Handles a failed read of lanes.
    pub(in crate::engine) fn reading_failed(&mut self, channel: Channel, at: Instant) {
        let rest = self.backlogs.of(channel);
        rest.reading = false;
        rest.not_before = Some(at);
    }

    /// Handles a page of lanes. Returns the number of sends that the store has lost, by partition.
    pub(in crate::engine) fn found(
        &mut self,
        channel: Channel,
        page: &LanePage,
        now: Instant,
    ) -> Vec<(Partition, u64)> {
        let rest = self.backlogs.of(channel);
        rest.reading = false;
        let gone = std::mem::take(&mut rest.gone);
        let mut told = std::mem::take(&mut rest.told);
        let anew = rest.anew;
        let mut found = false;
        for head in &page.heads {
            let (key, partition) = (head.lane, Partition::of(head.lane.user));
            if !key.is_in(self.kept) || anew.contains(partition) || self.known.contains_key(&key) {
                continue;
            }
            if gone.contains(&key) {
                let rest = self.backlogs.of(channel);
                rest.behind = rest.behind.with(partition);
                continue;
            }
            found = true;
            let later = told.remove(&key).unwrap_or_default();
            let later = later.into_iter().filter(|seq| *seq > head.last).count();
            self.take_in(head, later as u64, now);
        }
        let rest = self.backlogs.of(channel);
        rest.reached = page.reached;
        rest.reached.begin_anew(anew);
        if page.more || !anew.is_empty() {
            return Vec::new();
        }
        if !rest.behind.is_empty() {
            rest.reached.begin_anew(std::mem::take(&mut rest.behind));
            return Vec::new();
        }
        if !rest.quiet {
            return Vec::new();
        }
        if !found {
            rest.not_before = Some(now + PAUSE);
        }
        rest.read_to_its_end(now)
    }

    /// Adds a lane that was found in the store, with the number of sends that were announced later.
    fn take_in(&mut self, head: &LaneHead, later: u64, now: Instant) {
        let LaneHead { lane: key, waiting, oldest, last } = *head;
        let waiting = waiting.saturating_add(later);
        let rest = self.backlogs.of(key.channel);
        rest.count(Partition::of(key.user), -i64::try_from(waiting).unwrap_or(i64::MAX));
        rest.uneven = None;
        // The remaining sends came after this one, or shortly before it.
        rest.oldest = Some(oldest);
        let lane = self.hold(key);
        lane.found_up_to = Some(last);
        lane.count(waiting, Duration::ZERO);
        lane.oldest = Some(oldest);
        self.make_ready(key, now);
    }
}
