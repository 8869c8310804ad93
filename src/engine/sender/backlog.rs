//! What waits in the store and in no lane that is held: it is counted, and taken up in its order as lanes drain.
//!
//! Invariant: so many lanes of a channel are held at most, whatever waits. While some of a channel may be in the store only,
//! it is open: what comes for a lane that is not held is counted, and found in the store when its turn comes. It is closed
//! when the store was read to its end, nothing came meanwhile, and the count is even: what is told is held then, and what
//! is held was told.

use std::collections::{HashMap, HashSet};

use tokio::time::{Duration, Instant};

use domain::{Channel, Millis, OutboxLane, Partition, PartitionSet, Seq, Waiting};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Reached};

use super::{lane::Lane, lanes::Lanes, owned_lanes::is_missed};

/// Limit of held lanes for each channel.
pub(super) const HELD: usize = 2_048;

/// Dispatches after which a lane gives way to lanes in the store.
const TURNS: u32 = 32;

/// Delay before the next read after an empty one.
const PAUSE: Duration = Duration::from_millis(50);

/// Time within which the sender learns of a send that is in the store.
const UNTOLD: Duration = Duration::from_secs(30);

/// What of each channel may be in the store only.
#[derive(Debug, Default)]
pub(super) struct Backlogs(Box<[Rest; Channel::ALL.len()]>);

/// What of one channel may be in the store only.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Whether there may be something.
    open: bool,
    /// Number of held lanes.
    held: usize,
    /// Sends that were told and are in no lane that is held, by part; below zero, some were found before they were told.
    counts: [i64; Partition::COUNT],
    /// The cause of the oldest was received about then.
    oldest: Option<Millis>,
    reached: Reached,
    /// Parts in which something was left behind that number.
    behind: PartitionSet,
    /// Parts that were taken up, or let go of, while lanes are read.
    anew: PartitionSet,
    reading: bool,
    /// Whether nothing came since lanes are read.
    quiet: bool,
    /// Since when all was read from the beginning and the count is uneven though nothing comes.
    uneven: Option<Instant>,
    /// Lanes that ended while lanes are read: what is read of them may be done.
    gone: HashSet<OutboxLane>,
    /// What was told while lanes are read, of lanes that are not held: it may come after what is read.
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

    /// Sends are in the store only, the first of them under this number.
    fn add(&mut self, lane: OutboxLane, first: Seq, more: u64, oldest: Option<Millis>) {
        let partition = Partition::of(lane.user);
        if !self.open {
            // What comes before it is held, as far as is known.
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

    /// Takes what is counted of these parts. Returns how much that was in each.
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

    /// All was read and nothing came meanwhile. Returns which parts have lost how much.
    fn read_to_its_end(&mut self, now: Instant) -> Vec<(Partition, u64)> {
        if self.counts.iter().all(|count| *count == 0) {
            *self = Self { held: self.held, ..Self::default() };
            return Vec::new();
        }
        let Some(since) = self.uneven else {
            // Once more from the beginning, to be sure.
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
    pub(super) fn of(&mut self, channel: Channel) -> &mut Rest {
        &mut self.0[channel as usize]
    }

    /// Whether nothing is in the store only.
    #[cfg(test)]
    pub(super) fn are_closed(&self) -> bool {
        self.0.iter().all(|rest| !rest.open)
    }

    /// What waits in the store only, by channel.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (Channel, Waiting)> {
        Channel::ALL.into_iter().zip(self.0.iter()).filter(|(_, rest)| rest.waiting() > 0).map(
            |(channel, rest)| (channel, Waiting { count: rest.waiting(), oldest: rest.oldest }),
        )
    }
}

impl Lanes {
    /// What waits in parts that were taken over.
    pub(super) fn assign(&mut self, partitions: PartitionSet, backlog: &[Backlog]) {
        for channel in Channel::ALL {
            self.backlogs.of(channel).forget(partitions);
        }
        for Backlog { partition, channel, waiting, oldest } in backlog {
            let rest = self.backlogs.of(*channel);
            rest.open = true;
            rest.not_before = None;
            rest.count(*partition, i64::try_from(*waiting).unwrap_or(i64::MAX));
            rest.oldest = [rest.oldest, Some(*oldest)].into_iter().flatten().min();
        }
    }

    /// What is in the store only of parts that are let go of.
    pub(super) fn let_go_of_the_rest(&mut self, partitions: PartitionSet) {
        for channel in Channel::ALL {
            let missed = is_missed(channel);
            for (partition, count) in self.backlogs.of(channel).forget(partitions) {
                if missed {
                    self.left.add(partition, count);
                }
            }
        }
    }

    /// Whether a send that is told stays in the store: its lane is not held, and others are before it.
    pub(super) fn stays_in_the_store(&mut self, item: &OutboxItem) -> bool {
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

    /// A lane that is held.
    pub(super) fn hold(&mut self, key: OutboxLane) -> &mut Lane {
        let rest = self.backlogs.of(key.channel);
        self.known.entry(key).or_insert_with(|| {
            rest.held += 1;
            Lane::empty()
        })
    }

    /// A lane is not held any more.
    pub(super) fn release(&mut self, key: OutboxLane) -> Option<Lane> {
        let lane = self.known.remove(&key)?;
        self.released(key);
        Some(lane)
    }

    /// The same, of one that was taken out already.
    pub(super) fn released(&mut self, key: OutboxLane) {
        let rest = self.backlogs.of(key.channel);
        rest.held -= 1;
        if rest.reading {
            rest.gone.insert(key);
        }
    }

    /// A lane that has had many turns makes room for those that are in the store, if there are any.
    pub(super) fn steps_back(&mut self, key: OutboxLane) -> bool {
        let rest = self.backlogs.of(key.channel);
        let waits = rest.open && rest.waiting() > 0;
        if !waits || self.known.get(&key).is_none_or(|lane| lane.turns < TURNS || lane.is_empty()) {
            return false;
        }
        let Some(lane) = self.release(key) else { return false };
        *self.loaded.of(key.channel) -= lane.loaded.len();
        let rest = self.backlogs.of(key.channel);
        // Where its first is now is known only if that is loaded.
        let first = lane.loaded.front().map_or(Seq(i64::MIN), |item| item.seq);
        rest.add(key, first, lane.waiting(), lane.oldest());
        true
    }

    /// Begins to read more lanes of a channel, if there are some and there is room. Returns from where on.
    pub(super) fn begin_reading(&mut self, channel: Channel, now: Instant) -> Option<Reached> {
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

    /// Lanes read together: no more than there is room for.
    pub(super) fn page(&self) -> usize {
        (self.most / 4).max(1)
    }

    /// While so many are held, none are read: what is read has room.
    fn enough(&self) -> usize {
        self.most - (self.page() - 1)
    }

    /// When lanes that could be read now may be read.
    pub(super) fn next_reading(&self) -> Option<Instant> {
        let enough = self.enough();
        let has_room = |rest: &&Rest| rest.open && !rest.reading && rest.held < enough;
        self.backlogs.0.iter().filter(has_room).filter_map(|rest| rest.not_before).min()
    }

    /// Lanes could not be read.
    pub(super) fn reading_failed(&mut self, channel: Channel, at: Instant) {
        let rest = self.backlogs.of(channel);
        rest.reading = false;
        rest.not_before = Some(at);
    }

    /// Lanes were read. Returns how many sends the store has lost, by part.
    pub(super) fn found(
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
            if !self.kept.keep(key) || anew.contains(partition) || self.known.contains_key(&key) {
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

    /// A lane that was found in the store is held from now on, with so many sends that came later.
    fn take_in(&mut self, head: &LaneHead, later: u64, now: Instant) {
        let LaneHead { lane: key, waiting, oldest, last } = *head;
        let waiting = waiting.saturating_add(later);
        let rest = self.backlogs.of(key.channel);
        rest.count(Partition::of(key.user), -i64::try_from(waiting).unwrap_or(i64::MAX));
        rest.uneven = None;
        // The rest came after it, or not long before.
        rest.oldest = Some(oldest);
        let lane = self.hold(key);
        lane.found_up_to = Some(last);
        lane.count(waiting, Duration::ZERO);
        lane.oldest = Some(oldest);
        self.make_ready(key, now);
    }
}
