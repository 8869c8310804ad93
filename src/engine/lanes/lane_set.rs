//! One loop's view of the outbox: the next few sends of each lane, and the lanes that could send now.
//!
//! Invariant: a lane is in exactly one state: idle, ready, waiting for a moment, or running. Lanes of one class take
//! turns, so a flood in one conversation waits behind the lanes that do not flood. Memory is bounded: beyond a number
//! of loaded sends, the others are only counted, and are read from the store when the lane is dispatched.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use crate::engine::cluster::ReleasedBacklog;
use domain::{Channel, Class, HoldTimes, Millis, OutboxLane, PartitionSet, Side, Standing, UserId};
use ports::OutboxItem;

use super::{
    backlog::Backlogs,
    batch::{is_superseded, is_whole_album},
    destination::ByDestination,
    lane::{Arrived, Lane, LaneState},
    limit_history::LimitHistories,
    throttle_time::{QueueKind, ThrottledQueues},
};

/// Limit of lanes in memory for each channel.
pub(in crate::engine) const LANES_LIMIT: usize = 2_048;

/// Delay of a lane after a failure of the store.
pub(in crate::engine) const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Delay of a lane whose lease is no longer certain.
pub(in crate::engine) const UNCERTAIN_LEASE_PAUSE: Duration = Duration::from_millis(200);

/// The limits of one loop's lanes.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct LaneLimits {
    /// The channels of the loop. Sends of other channels are ignored.
    pub serves: fn(Channel) -> bool,
    /// Limit of loaded sends over all lanes; further sends are only counted.
    pub loaded: usize,
    /// Number of sends of a lane that are read together.
    pub read: usize,
    /// Whether the limit holds for the head of a lane, too. Sends that were read then go before more are read.
    pub strict: bool,
}

/// Counts of sends. Newsletters are counted apart, because they have limits of their own.
#[derive(Debug, Default)]
pub(super) struct ChannelCounts {
    pub(super) others: usize,
    pub(super) newsletters: usize,
}

impl ChannelCounts {
    pub(super) fn of(&mut self, channel: Channel) -> &mut usize {
        if channel == Channel::Newsletter { &mut self.newsletters } else { &mut self.others }
    }
}

/// The ready lanes of each class.
pub(super) type ClassQueues = [VecDeque<OutboxLane>; Class::ALL.len()];

/// The lanes in memory, and counts of everything else that waits.
#[derive(Debug)]
pub(in crate::engine) struct Lanes {
    pub(super) limits: LaneLimits,
    pub(super) known: HashMap<OutboxLane, Lane>,
    pub(super) ready: ByDestination<ClassQueues>,
    /// Ready lanes whose next dispatch makes no call.
    pub(super) without_call: VecDeque<OutboxLane>,
    /// Whether lanes to topics wait by the standing of their users.
    pub(in crate::engine) by_standing: bool,
    /// Whether it must first be known which group has a lane's conversation.
    pub(in crate::engine) by_group: bool,
    /// How long limits have throttled the ready queues.
    pub(in crate::engine) throttled: ThrottledQueues,
    /// When the limit of each group made sends wait, in this run and before.
    pub(in crate::engine) limit_histories: LimitHistories,
    pub(super) waiting: BinaryHeap<Reverse<(Instant, i64)>>,
    pub(super) loaded: ChannelCounts,
    pub(super) running: ChannelCounts,
    /// Running lanes of each group, if there are several.
    pub(super) running_in_groups: ByDestination<usize>,
    /// The partitions whose lanes are here. Sends of other partitions are ignored.
    pub(in crate::engine) partitions: PartitionSet,
    /// Counts of the sends whose partitions were revoked.
    pub(in crate::engine) released_backlog: ReleasedBacklog,
    /// The sends that wait only in the store.
    pub(super) backlogs: Backlogs,
    /// Limit of lanes in memory for each channel.
    pub(super) capacity: usize,
    /// The pause after which a user's hold ends.
    pub(super) pause: Duration,
}

impl Lanes {
    /// Creates lanes of no partition.
    pub(in crate::engine) fn new(limits: LaneLimits) -> Self {
        Self {
            limits,
            known: HashMap::new(),
            ready: ByDestination::default(),
            without_call: VecDeque::new(),
            by_standing: false,
            by_group: false,
            throttled: ThrottledQueues::default(),
            limit_histories: LimitHistories::default(),
            waiting: BinaryHeap::new(),
            loaded: ChannelCounts::default(),
            running: ChannelCounts::default(),
            running_in_groups: ByDestination::default(),
            partitions: PartitionSet::NONE,
            released_backlog: ReleasedBacklog::default(),
            backlogs: Backlogs::default(),
            capacity: LANES_LIMIT,
            pause: HoldTimes::default().pause,
        }
    }

    /// Adds committed sends. The sends of one commit come in order; two commits may come in either order.
    pub(in crate::engine) fn add(&mut self, items: Vec<OutboxItem>, now: Instant) {
        let (partitions, limits) = (self.partitions, self.limits);
        let ours = |lane: OutboxLane| lane.is_in(partitions) && (limits.serves)(lane.channel);
        for item in items.into_iter().filter(|item| ours(item.queued.lane)) {
            if self.stays_in_the_store(&item) {
                continue;
            }
            let key = item.queued.lane;
            if item.queued.effect.carries(Side::Staff) {
                self.set_standing(key.user, Standing::Known, now);
            }
            self.get_or_create(key);
            let pause = self.pause;
            let Some(lane) = self.known.get_mut(&key) else { continue };
            lane.hold.arrived(&item, pause, now);
            let throttled = lane.throttled.at(&self.throttled, now);
            let (loaded, received) = (self.loaded.of(key.channel), item.queued.received);
            let exempt = !limits.strict && lane.loaded.is_empty();
            let room = *loaded < limits.loaded || exempt;
            if Some(item.seq) <= lane.read_up_to {
                // It was read before it was announced, and took the place of an earlier send that had been counted.
                lane.count(1, throttled);
            } else if lane.is_before_the_last(item.seq) || (lane.unloaded == 0 && room) {
                lane.insert(item, throttled);
                *loaded += 1;
            } else {
                lane.count(1, throttled);
                lane.oldest.get_or_insert(received);
            }
            let whole = matches!(lane.state, LaneState::Collecting(_))
                && is_whole_album(&lane.loaded, lane.hints);
            if whole || lane.state == LaneState::Idle {
                self.make_ready(key, now);
            } else if lane.state == LaneState::Ready && is_superseded(&lane.loaded) {
                self.requeue(key, now);
            }
        }
    }

    /// Makes lanes to topics wait by the standing of their users.
    pub(in crate::engine) fn wait_by_standing(mut self) -> Self {
        self.by_standing = true;
        self
    }

    /// What is known now of how well the operators know a user.
    pub(in crate::engine) fn set_standing(
        &mut self,
        user: UserId,
        standing: Standing,
        now: Instant,
    ) {
        let key = OutboxLane { user, channel: Channel::Topic };
        let Some(lane) = self.known.get_mut(&key).filter(|_| self.by_standing) else { return };
        let before = lane.standing.replace(standing);
        if before.is_some_and(|before| before != standing) && lane.state == LaneState::Ready {
            self.requeue(key, now);
        }
    }

    /// Moves a ready lane to the queue in which it belongs now.
    pub(super) fn requeue(&mut self, key: OutboxLane, now: Instant) {
        for queue in self.ready.iter_mut().flatten().chain([&mut self.without_call]) {
            queue.retain(|other| *other != key);
        }
        let since = self.known.get(&key).and_then(|lane| lane.ready_since);
        self.make_ready(key, now);
        if let Some(lane) = self.known.get_mut(&key) {
            lane.ready_since = since.or(lane.ready_since);
        }
    }

    /// Adds the sends that were read for a lane. Returns how many of those asked for are missing.
    ///
    /// The lane's own clock may not have counted most of their wait: they waited before this run, or while the lane was
    /// not in memory. For lanes to the group, the history of its limit tells how much of it was the limit's.
    pub(in crate::engine) fn add_loaded(
        &mut self,
        key: OutboxLane,
        asked: usize,
        items: Vec<OutboxItem>,
        standing: Option<Standing>,
        (now, wall): (Instant, Millis),
    ) -> usize {
        self.stopped(key);
        if self.remove_if_revoked(key, 0) {
            return 0;
        }
        let Some(lane) = self.known.get_mut(&key) else { return 0 };
        *self.loaded.of(key.channel) += items.len();
        let throttled = lane.throttled.at(&self.throttled, now);
        let counted = throttled.saturating_sub(lane.unloaded_arrival);
        let arrived = if lane.place(key).group().is_some() {
            Arrived { throttled, before: Duration::ZERO, read: Some(wall) }
        } else {
            Arrived { throttled, before: counted, read: None }
        };
        let missing = lane.load(items, asked, arrived);
        lane.standing = standing.or(lane.standing);
        if self.limits.strict && !lane.loaded.is_empty() {
            self.make_ready_first(key, now);
        } else {
            self.settle(key, now);
        }
        missing
    }

    /// Makes the lanes ready whose waiting time is over.
    pub(in crate::engine) fn wake(&mut self, now: Instant) {
        while let Some(Reverse((at, key))) = self.waiting.peek().copied() {
            if at > now {
                break;
            }
            self.waiting.pop();
            let Some(key) = OutboxLane::from_key(key) else { continue };
            let waiting = [LaneState::Waiting(at), LaneState::Collecting(at), LaneState::Held(at)];
            if self.known.get(&key).is_some_and(|lane| waiting.contains(&lane.state)) {
                self.make_ready(key, now);
            }
        }
    }

    /// When the next waiting lane wakes.
    pub(in crate::engine) fn next_wake(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((at, _))| *at)
    }

    pub(super) fn settle(&mut self, key: OutboxLane, now: Instant) {
        let Some(lane) = self.known.get(&key) else { return };
        if lane.is_empty() {
            self.remove(key);
        } else {
            self.make_ready(key, now);
        }
    }

    pub(super) fn make_ready(&mut self, key: OutboxLane, now: Instant) {
        if let Some(lane) = self.known.get_mut(&key) {
            lane.resumes = false;
        }
        if let Some(queue) = self.ready_queue(key, now) {
            queue.push_back(key);
        }
    }

    pub(super) fn make_ready_first(&mut self, key: OutboxLane, now: Instant) {
        if let Some(lane) = self.known.get_mut(&key) {
            lane.resumes = true;
        }
        if let Some(queue) = self.ready_queue(key, now) {
            queue.push_front(key);
        }
    }

    fn ready_queue(&mut self, key: OutboxLane, now: Instant) -> Option<&mut VecDeque<OutboxLane>> {
        let lane = self.known.get_mut(&key)?;
        lane.state = LaneState::Ready;
        lane.ready_since = Some(now);
        let unknown = self.by_standing && key.channel == Channel::Topic && lane.standing.is_none();
        let elsewhere = self.by_group && lane.lacks_group(key.channel);
        if unknown || elsewhere || is_superseded(&lane.loaded) {
            return Some(&mut self.without_call);
        }
        let kind: QueueKind = (lane.class(key.channel), lane.place(key));
        lane.throttled.enter_queue(kind, &self.throttled, now);
        let (class, place) = kind;
        Some(&mut self.ready.of(place)[class as usize])
    }

    pub(super) fn wait(&mut self, key: OutboxLane, state: fn(Instant) -> LaneState, at: Instant) {
        if let Some(lane) = self.known.get_mut(&key) {
            lane.state = state(at);
            self.waiting.push(Reverse((at, key.key())));
        }
    }
}
