//! Properties that hold for any interleaving of commits, dispatches, ends and reads: each lane keeps its order, one
//! call at a time; no send is forgotten, and none is sent twice; the number of lanes in memory stays bounded.
//!
//! The oracle is the store: a plain list for each lane, from which a send is removed when it is done.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;

use tokio::time::Instant;

use super::super::{
    destination::Destination, dispatch::Dispatch, hints::Hints, lane_set::Lanes,
    throttle_time::QueueKind,
};
use super::FIRST;
use crate::engine::deliver::LANE_LIMITS;
use domain::{
    Channel, Class, ContentKind, Effect, Fingerprint, GroupKey, MessageId, Millis, OutboxLane,
    Partition, PartitionSet, Relay, Seq, Side, Transfer, UpdateId, UserId,
};
use ports::{Backlog, LaneHead, LanePage, OutboxItem, Queued, Reached};

#[derive(Debug, Clone)]
enum Step {
    /// Sends of one lane are committed. They are announced at once, or later.
    Commit { lane: usize, count: usize, late: bool },
    /// Sends that were not announced yet are announced, in any order.
    Announce(usize),
    /// A read of a channel's lanes begins, if there is room. The store's answer is fixed now, or when the read ends.
    Read { channel: usize, now: bool },
    /// A read of lanes ends, or fails.
    Found { which: usize, fails: bool },
    /// The lane at the front of a class is dispatched.
    Dispatch { class: usize, slots: usize },
    /// A dispatch that is under way ends.
    End { which: usize, how: How },
    /// Lanes of a channel to the group leave memory, except for some.
    Park { channel: usize, keep: usize },
    /// Time passes.
    Pass(u64),
}

#[derive(Debug, Clone, Copy)]
enum How {
    /// The sends are done, or the read has returned.
    Done,
    /// The sends are tried again at once, one by one.
    Singly,
    /// The sends are tried again after a pause, or the read has failed.
    Later(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let how = prop_oneof![
        6 => Just(How::Done),
        1 => Just(How::Singly),
        2 => (0..3_000_u64).prop_map(How::Later),
    ];
    prop_oneof![
        4 => (0..LANES.len(), 1..6_usize, any::<bool>())
            .prop_map(|(lane, count, late)| Step::Commit { lane, count, late }),
        2 => any::<usize>().prop_map(Step::Announce),
        1 => (0..CHANNELS.len(), 0..3_usize).prop_map(|(channel, keep)| Step::Park { channel, keep }),
        4 => (0..CHANNELS.len(), any::<bool>()).prop_map(|(channel, now)| Step::Read { channel, now }),
        4 => (any::<usize>(), prop::bool::weighted(0.1))
            .prop_map(|(which, fails)| Step::Found { which, fails }),
        6 => (0..4_usize, 1..30_usize).prop_map(|(class, slots)| Step::Dispatch { class, slots }),
        5 => (any::<usize>(), how).prop_map(|(which, how)| Step::End { which, how }),
        2 => (0..2_000_u64).prop_map(Step::Pass),
    ]
}

const fn lane(user: i64, channel: Channel) -> OutboxLane {
    OutboxLane { user: UserId(user), channel }
}

const LANES: [OutboxLane; 9] = [
    lane(1, Channel::Topic),
    lane(1, Channel::User),
    lane(2, Channel::Topic),
    lane(2, Channel::Cosmetic),
    lane(3, Channel::User),
    lane(3, Channel::Topic),
    lane(4, Channel::Topic),
    lane(17, Channel::Topic),
    lane(5, Channel::User),
];

const CHANNELS: [Channel; 3] = [Channel::Topic, Channel::User, Channel::Cosmetic];

/// The kinds of queue in which these lanes wait.
const KINDS: [QueueKind; 4] = [
    (Class::ToUser, Destination::Users),
    (Class::Known, FIRST),
    (Class::Cosmetic, FIRST),
    (Class::Notice, FIRST),
];

fn effect(lane: OutboxLane, seq: i64) -> Effect {
    let from = match lane.channel {
        Channel::Topic => Side::User,
        Channel::User => Side::Staff,
        Channel::Cosmetic
        | Channel::Button
        | Channel::Desk
        | Channel::Track
        | Channel::Newsletter
        | Channel::Stuck => return Effect::Refresh,
    };
    Effect::Relay(Relay::new(
        from,
        MessageId(seq),
        ContentKind::Text,
        Transfer::Copy,
        Fingerprint { text: 0, media: 0 },
    ))
}

fn item(lane: OutboxLane, seq: i64) -> OutboxItem {
    let (cause, received) = (UpdateId(0), Millis(0));
    let queued = Queued { lane, effect: effect(lane, seq), cause, received, not_before: None };
    OutboxItem { seq: Seq(seq), queued }
}

struct World {
    lanes: Lanes,
    now: Instant,
    stored: BTreeMap<i64, Vec<i64>>,
    under_way: Vec<Dispatch>,
    unannounced: Vec<Vec<OutboxItem>>,
    reading: Vec<(Channel, Reached, Option<LanePage>)>,
    next: i64,
    done: usize,
}

impl World {
    /// Starts with this many sends of each lane in the store.
    fn started(capacity: usize, waiting: &[usize]) -> Self {
        let lanes = Lanes { partitions: PartitionSet::ALL, capacity, ..Lanes::new(LANE_LIMITS) };
        let (stored, under_way) = (BTreeMap::new(), Vec::new());
        let (unannounced, reading, now) = (Vec::new(), Vec::new(), Instant::now());
        let mut world =
            Self { lanes, now, stored, under_way, unannounced, reading, next: 0, done: 0 };
        let mut backlog = Vec::new();
        for (lane, count) in LANES.into_iter().zip(waiting) {
            let waiting = world.store(lane, *count).len() as u64;
            let (partition, channel) = (Partition::of(lane.user), lane.channel);
            backlog.push(Backlog { partition, channel, waiting, oldest: Millis(0) });
        }
        world.lanes.add_backlog(PartitionSet::ALL, &backlog);
        world
    }

    fn store(&mut self, lane: OutboxLane, count: usize) -> Vec<i64> {
        let seqs: Vec<i64> = (self.next..).take(count).collect();
        self.next += i64::try_from(count).unwrap();
        self.stored.entry(lane.key()).or_default().extend(&seqs);
        seqs
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Commit { lane, count, late } => {
                let lane = LANES[lane];
                let seqs = self.store(lane, count).into_iter();
                let items: Vec<_> = seqs.map(|seq| item(lane, seq)).collect();
                // The sends that one task commits to a lane are announced in order.
                if late || self.unannounced.iter().flatten().any(|item| item.queued.lane == lane) {
                    self.unannounced.push(items);
                } else {
                    self.lanes.add(items, self.now);
                }
            }
            Step::Announce(which) if !self.unannounced.is_empty() => {
                let items = self.unannounced.remove(which % self.unannounced.len());
                let lane = items[0].queued.lane;
                if self
                    .unannounced
                    .iter()
                    .flatten()
                    .any(|item| item.queued.lane == lane && item.seq < items[0].seq)
                {
                    self.unannounced.insert(0, items);
                } else {
                    self.lanes.add(items, self.now);
                }
            }
            Step::Announce(_) => {}
            Step::Park { channel, keep } => self.park(CHANNELS[channel], keep),
            Step::Read { channel, now } => self.read(CHANNELS[channel], now),
            Step::Found { which, fails } if !self.reading.is_empty() => {
                self.end_read(which % self.reading.len(), fails);
            }
            Step::Found { .. } => {}
            Step::Dispatch { class, slots } => self.dispatch(KINDS[class], slots),
            Step::End { which, how } if !self.under_way.is_empty() => {
                let dispatch = self.under_way.swap_remove(which % self.under_way.len());
                self.end(dispatch, how);
            }
            Step::End { .. } => {}
            Step::Pass(millis) => {
                self.now += Duration::from_millis(millis);
                self.lanes.wake(self.now);
            }
        }
    }

    fn read(&mut self, channel: Channel, now: bool) {
        if let Some(from) = self.lanes.begin_reading(channel, self.now) {
            let page = now.then(|| self.page(channel, from));
            self.reading.push((channel, from, page));
        }
    }

    fn end_read(&mut self, which: usize, fails: bool) {
        let (channel, from, page) = self.reading.swap_remove(which);
        if fails {
            return self.lanes.reading_failed(channel, self.now);
        }
        let page = page.unwrap_or_else(|| self.page(channel, from));
        assert_eq!(self.lanes.add_page(channel, &page, self.now), [], "lost");
    }

    /// The answer of a store that scans seven sends for a page.
    fn page(&self, channel: Channel, from: Reached) -> LanePage {
        const SCAN: usize = 7;
        let all =
            self.stored.iter().flat_map(|(key, seqs)| seqs.iter().map(move |seq| (*seq, *key)));
        let mut all: Vec<(i64, i64)> = all.filter(|(seq, _)| *seq > from.least().0).collect();
        all.sort_unstable();
        let (mut heads, mut reached, mut scanned) = (Vec::<LaneHead>::new(), from, 0);
        for (seq, key) in all.into_iter().take(SCAN) {
            if heads.len() == self.lanes.page_size() {
                break;
            }
            scanned += 1;
            reached = Reached::everywhere(Seq(seq));
            let lane = OutboxLane::from_key(key).unwrap();
            if lane.channel == channel && heads.iter().all(|head| head.lane != lane) {
                let waiting = &self.stored[&key];
                let (waiting, last) = (waiting.len() as u64, Seq(*waiting.last().unwrap()));
                heads.push(LaneHead { lane, waiting, oldest: Millis(0), last });
            }
        }
        let more = scanned == SCAN || heads.len() == self.lanes.page_size();
        LanePage { heads, reached, more }
    }

    /// The lanes to the group leave memory, except for some.
    fn park(&mut self, channel: Channel, keep: usize) {
        let backlog = self.lanes.backlogs.of(channel);
        if backlog.open && !backlog.reading {
            self.lanes.park(channel, GroupKey::FIRST, keep);
        }
    }

    /// Whether each channel keeps to its limit of lanes in memory.
    fn is_bounded(&self) -> bool {
        CHANNELS.iter().all(|channel| {
            let count = self.lanes.known.keys().filter(|key| key.channel == *channel).count();
            count <= self.lanes.capacity
        })
    }

    fn dispatch(&mut self, (class, place): QueueKind, slots: usize) {
        let Some(key) = self.lanes.peek(class, place) else { return };
        let Some(dispatch) = self.lanes.dispatch(class, place, slots, self.now, Millis(0)) else {
            return;
        };
        let of = |dispatch: &Dispatch| match dispatch {
            Dispatch::Load(lane, ..) | Dispatch::Send { lane, .. } => *lane,
        };
        assert_eq!(of(&dispatch), key);
        assert!(self.under_way.iter().all(|other| of(other) != key), "two dispatches of one lane");
        if let Dispatch::Send { batch, .. } = &dispatch {
            let sent: Vec<i64> = batch.iter().map(|item| item.seq.0).collect();
            let first = &self.stored[&key.key()][..sent.len().min(self.stored[&key.key()].len())];
            assert!(!sent.is_empty(), "a dispatch without a send");
            assert_eq!(sent, first, "not the oldest of its lane");
        }
        self.under_way.push(dispatch);
    }

    fn end(&mut self, dispatch: Dispatch, how: How) {
        match (dispatch, how) {
            (Dispatch::Load(lane, after, limit), How::Done | How::Singly) => {
                let after = after.map_or(-1, |seq| seq.0);
                let stored = self.stored[&lane.key()].iter().copied();
                let read: Vec<OutboxItem> = stored
                    .filter(|seq| *seq > after)
                    .take(limit)
                    .map(|seq| item(lane, seq))
                    .collect();
                assert_eq!(
                    self.lanes.add_loaded(lane, limit, read, None, (self.now, Millis(0))),
                    0,
                    "lost"
                );
            }
            (Dispatch::Load(lane, ..), How::Later(millis)) => {
                self.lanes.load_failed(lane, self.now + Duration::from_millis(millis));
            }
            (Dispatch::Send { lane, batch, .. }, How::Done) => {
                self.stored.get_mut(&lane.key()).unwrap().drain(..batch.len());
                self.done += batch.len();
                self.lanes.done(lane, batch.len(), self.now);
            }
            (Dispatch::Send { lane, hints, .. }, How::Singly) => {
                let hints = Hints { singly: true, ..hints };
                self.lanes.retry(lane, hints, None, self.now);
            }
            (Dispatch::Send { lane, hints, .. }, How::Later(millis)) => {
                let at = self.now + Duration::from_millis(millis);
                self.lanes.retry(lane, hints, Some(at), self.now);
            }
        }
    }

    /// Continues without faults until nothing is left to dispatch.
    fn drain(&mut self) {
        for round in 0.. {
            assert!(round < 10_000, "the run does not end: {:?}", self.lanes);
            let before = (self.done, self.under_way.len() + self.unannounced.len());
            self.unannounced.sort_by_key(|items| items[0].seq);
            for items in std::mem::take(&mut self.unannounced) {
                self.lanes.add(items, self.now);
            }
            for channel in CHANNELS {
                self.read(channel, true);
            }
            while !self.reading.is_empty() {
                self.end_read(0, false);
            }
            while let Some(dispatch) = self.under_way.pop() {
                self.end(dispatch, How::Done);
            }
            let wakes = [self.lanes.next_wake(), self.lanes.next_reading()];
            self.now = wakes.into_iter().flatten().min().map_or(self.now, |at| at.max(self.now));
            self.lanes.wake(self.now);
            for kind in KINDS {
                self.dispatch(kind, 30);
            }
            if self.under_way.is_empty()
                && before == (self.done, 0)
                && self.lanes.next_wake().is_none()
                && self.lanes.backlogs.are_closed()
            {
                return;
            }
        }
    }
}

proptest! {
    // No regression file is kept: a failure prints its steps, which become a case in `tests/mod.rs`.
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_lane_keeps_its_order_and_nothing_is_forgotten(
        capacity in 1..6_usize,
        waiting in prop::collection::vec(0..60_usize, LANES.len()),
        steps in prop::collection::vec(step(), 1..150)
    ) {
        let mut world = World::started(capacity, &waiting);
        for step in &steps {
            world.play(step);
            prop_assert!(world.is_bounded(), "{:?}", world.lanes.known.keys());
        }
        world.drain();
        let unsent: Vec<i64> = world.stored.into_values().flatten().collect();
        prop_assert_eq!(unsent, Vec::<i64>::new(), "forgotten");
        prop_assert!(world.lanes.known.is_empty());
        for class in Class::ALL {
            prop_assert_eq!(world.lanes.running(class), 0);
        }
    }
}
