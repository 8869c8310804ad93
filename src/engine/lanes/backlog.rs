//! Sends that wait in the store and in no lane in memory. They are counted, and loaded in order as lanes drain.
//!
//! Invariant: the number of lanes in memory is bounded for each channel. A channel is *open* while some of its sends
//! may be in the store only. A send for a lane that is not in memory is then only counted, and is found in the store
//! later. The channel closes when the store was read to its end, nothing arrived meanwhile, and the count is zero:
//! every announced send is then in memory, and every send in memory was announced.

use std::collections::{HashMap, HashSet};

use tokio::time::{Duration, Instant};

use domain::{Channel, Millis, OutboxLane, Partition, PartitionSet, Seq, Waiting};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Reached};

use super::{lane::Lane, lane_set::Lanes, owned::is_missed};

/// Limit of lanes in memory for each channel.
pub(in crate::engine) const HELD: usize = 2_048;

/// Dispatches after which a lane gives way to lanes in the store.
const TURNS: u32 = 32;

/// Delay before the next read after an empty one.
const PAUSE: Duration = Duration::from_millis(50);

/// Time within which a send that is in the store is announced to the sender.
const UNTOLD: Duration = Duration::from_secs(30);

/// For each channel, the sends that may be in the store only.
#[derive(Debug, Default)]
pub(in crate::engine) struct Backlogs(Box<[Rest; Channel::ALL.len()]>);

/// The sends of one channel that may be in the store only.
#[derive(Debug, Default)]
pub(in crate::engine) struct Rest {
    /// Whether there may be any.
    open: bool,
    /// Number of lanes in memory.
    held: usize,
    /// Announced sends that are in no lane in memory, by partition. The count is negative if sends were found before
    /// they were announced.
    counts: [i64; Partition::COUNT],
    /// Approximate receipt time of the oldest send's update.
    oldest: Option<Millis>,
    reached: Reached,
    /// Partitions in which something was left behind before `reached`.
    behind: PartitionSet,
    /// Partitions that were assigned or revoked during the present read.
    anew: PartitionSet,
    reading: bool,
    /// Whether nothing has arrived since the present read began.
    quiet: bool,
    /// Since when the count has not been zero, although all was read from the beginning and nothing arrives.
    uneven: Option<Instant>,
    /// Lanes that ended during the present read: the sends that it returns for them may be done.
    gone: HashSet<OutboxLane>,
    /// Sends that were announced during the present read, for lanes that are not in memory. They may be later than
    /// the sends that it returns.
    told: HashMap<OutboxLane, Vec<Seq>>,
    not_before: Option<Instant>,
}

impl Rest {
    fn count(&mut self, partition: Partition, more: i64) {
        if let Some(count) = self.counts.get_mut(usize::from(partition.number())) {
            *count += more;
        }
    }

    fn waiting(&self) -> u64 {
        self.counts.iter().sum::<i64>().max(0).unsigned_abs()
    }

    /// Adds sends that are in the store only; the first has this number.
    fn add(&mut self, lane: OutboxLane, first: Seq, more: u64, oldest: Option<Millis>) {
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
        self.uneven = None;
        self.not_before = None;
        self.count(partition, i64::try_from(more).unwrap_or(i64::MAX));
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
    }

    /// Drops the counts of these partitions. Returns the count of each.
    fn forget(&mut self, partitions: PartitionSet) -> Vec<(Partition, u64)> {
        self.reached.begin_anew(partitions);
        self.anew = self.anew.and(partitions);
        self.uneven = None;
        let mut forgotten = Vec::new();
        for partition in partitions.iter() {
            if let Some(count) = self.counts.get_mut(usize::from(partition.number())) {
                forgotten.push((partition, std::mem::take(count).max(0).unsigned_abs()));
            }
        }
        forgotten
    }

    /// Handles a complete read during which nothing arrived. Returns the number of lost sends by partition.
    fn read_to_its_end(&mut self, now: Instant) -> Vec<(Partition, u64)> {
        if self.counts.iter().all(|count| *count == 0) {
            *self = Self { held: self.held, ..Self::default() };
            return Vec::new();
        }
        let Some(since) = self.uneven else {
            // Read once more from the beginning, to be sure.
            self.uneven = Some(now);
            self.reached = Reached::default();
            return Vec::new();
        };
        self.not_before = Some(now + PAUSE);
        let missing: i64 = self.counts.iter().sum();
        let late = now.saturating_duration_since(since) >= UNTOLD;
        if missing <= 0 && !late {
            return Vec::new();
        }
        let lost = self.forget(PartitionSet::ALL);
        self.anew = PartitionSet::NONE;
        lost
    }
}

impl Backlogs {
    pub(in crate::engine) fn of(&mut self, channel: Channel) -> &mut Rest {
        &mut self.0[channel as usize]
    }

    /// Whether no channel is open.
    #[cfg(test)]
    pub(in crate::engine) fn are_closed(&self) -> bool {
        self.0.iter().all(|rest| !rest.open)
    }

    /// The sends that wait in the store only, by channel.
    pub(in crate::engine) fn waiting(&self) -> impl Iterator<Item = (Channel, Waiting)> {
        Channel::ALL.into_iter().zip(self.0.iter()).filter(|(_, rest)| rest.waiting() > 0).map(
            |(channel, rest)| (channel, Waiting { count: rest.waiting(), oldest: rest.oldest }),
        )
    }
}

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
