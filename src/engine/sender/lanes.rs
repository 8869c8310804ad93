//! The outbox as the sender sees it: for each lane the next few sends, and which lanes could send now.
//!
//! Invariant: a lane is in exactly one place: idle, ready, waiting for a moment, or running. Lanes of
//! a class take turns, so one conversation's flood waits behind those that do not flood. Memory is bounded:
//! beyond a number of loaded sends only counts are kept, and the rest is read from the store in its turn.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
};

use tokio::time::Instant;

use crate::{
    domain::{Class, Millis, OutboxLane, Seq, Shards},
    ports::{LaneHead, OutboxItem},
};

use super::{
    hints::Hints,
    lane::{Lane, Place, class_of, is_group},
    runs::{ALBUM_LIMIT, RUN_LIMIT, album, is_whole_album, run},
};

/// So many sends are kept in memory over all lanes; what comes on top is only counted.
const LOADED_LIMIT: usize = 20_000;

/// What a lane would do next.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    /// Read more of it from the store, after this one, at most so many: what is in the store already but
    /// not added here yet must not be counted twice.
    Load(OutboxLane, Option<Seq>, usize),
    /// Do these.
    Send {
        /// The lane.
        lane: OutboxLane,
        /// The sends at its head that travel together.
        run: Vec<OutboxItem>,
        /// What was learnt about them.
        hints: Hints,
        /// How long the lane was ready.
        ready_since: Option<Instant>,
    },
}

/// All lanes with something in them.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    pub(super) known: HashMap<OutboxLane, Lane>,
    pub(super) ready: HashMap<(Class, bool), VecDeque<OutboxLane>>,
    waiting: BinaryHeap<Reverse<(Instant, i64)>>,
    pub(super) loaded: usize,
    running: usize,
    /// The parts of the conversations whose lanes are here; what others send is passed over.
    pub(super) kept: Shards,
}

impl Lanes {
    /// Adds sends that were committed. Those of one commit come in their order; two commits may come in either.
    pub(super) fn add(&mut self, items: Vec<OutboxItem>, now: Instant) {
        let kept = self.kept;
        for item in items.into_iter().filter(|item| kept.keep(item.queued.lane)) {
            let lane = self.known.entry(item.queued.lane).or_insert_with(Lane::empty);
            let key = item.queued.lane;
            if Some(item.seq) <= lane.read_up_to {
                // Read before it came, in the place of one that came before it and was counted.
                lane.unloaded += 1;
            } else if lane.is_before_the_last(item.seq)
                || (lane.unloaded == 0 && (self.loaded < LOADED_LIMIT || lane.loaded.is_empty()))
            {
                lane.insert(item);
                self.loaded += 1;
            } else {
                lane.unloaded += 1;
            }
            let whole = matches!(lane.place, Place::Collecting(_))
                && is_whole_album(&lane.loaded, lane.hints);
            if whole || lane.place == Place::Idle {
                self.make_ready(key, now);
            }
        }
    }

    /// Adds a lane of which nothing is loaded yet.
    pub(super) fn add_unloaded(&mut self, head: &LaneHead, now: Instant) {
        let lane = self.known.entry(head.lane).or_insert_with(Lane::empty);
        lane.unloaded += head.waiting;
        lane.oldest = Some(head.oldest);
        if lane.place == Place::Idle {
            self.make_ready(head.lane, now);
        }
    }

    /// What was read from the store for a lane whose turn was [`Turn::Load`].
    pub(super) fn add_loaded(&mut self, key: OutboxLane, items: Vec<OutboxItem>, now: Instant) {
        self.running -= 1;
        if self.leaves(key) {
            return;
        }
        let Some(lane) = self.known.get_mut(&key) else { return };
        // Nothing came although something was counted: somebody else removed it.
        lane.unloaded =
            if items.is_empty() { 0 } else { lane.unloaded.saturating_sub(items.len() as u64) };
        lane.oldest = None;
        lane.read_up_to = items.last().map(|item| item.seq).or(lane.read_up_to);
        self.loaded += items.len();
        lane.loaded.extend(items);
        self.settle(key, now);
    }

    /// Lanes whose moment has come are ready again.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(Reverse((at, key))) = self.waiting.peek().copied() {
            if at > now {
                break;
            }
            self.waiting.pop();
            let Some(key) = OutboxLane::from_key(key) else { continue };
            let waits = [Place::Waiting(at), Place::Collecting(at)];
            if self.known.get(&key).is_some_and(|lane| waits.contains(&lane.place)) {
                self.make_ready(key, now);
            }
        }
    }

    /// When the next waiting lane wakes.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((at, _))| *at)
    }

    /// How many lanes of a class and kind are ready.
    pub(super) fn ready(&self, class: Class, group: bool) -> usize {
        self.ready.get(&(class, group)).map_or(0, VecDeque::len)
    }

    /// The lane whose turn it is in a class: those to the group (`group`), or those to users.
    pub(super) fn peek(&self, class: Class, group: bool) -> Option<OutboxLane> {
        self.ready.get(&(class, group)).and_then(|queue| queue.front().copied())
    }

    /// How many slots the lane at the front of a class needs: an album goes whole.
    pub(super) fn want(&self, class: Class, group: bool) -> usize {
        let lane = self.peek(class, group).and_then(|key| self.known.get(&key));
        lane.filter(|lane| lane.loaded.front().is_some_and(|item| album(item).is_some()))
            .map_or(1, |lane| run(&lane.loaded, lane.hints, 1).len().max(1))
    }

    /// Takes the turn of the lane that [`Lanes::peek`] names: at most `slots` sends. `None` if it must wait
    /// for the rest of an album first.
    pub(super) fn take(
        &mut self,
        class: Class,
        group: bool,
        slots: usize,
        now: Instant,
        wall: Millis,
    ) -> Option<Turn> {
        let key = self.ready.get_mut(&(class, group))?.pop_front()?;
        let lane = self.known.get_mut(&key)?;
        let ready_since = lane.ready_since.take();
        let run = run(&lane.loaded, lane.hints, slots);
        let album = run.first().is_some_and(|item| album(item).is_some());
        let more =
            lane.unloaded > 0 && (run.is_empty() || (album && run.len() == lane.loaded.len()));
        if more {
            lane.place = Place::Running;
            self.running += 1;
            let limit = usize::try_from(lane.unloaded).unwrap_or(RUN_LIMIT).min(RUN_LIMIT);
            return Some(Turn::Load(key, lane.loaded.back().map(|item| item.seq), limit));
        }
        if album && run.len() < ALBUM_LIMIT {
            let due = run.iter().filter_map(|item| item.queued.not_before).max();
            if let Some(due) = due.filter(|due| *due > wall) {
                self.wait(key, Place::Collecting, now + due.since(wall));
                return None;
            }
        }
        if run.is_empty() {
            self.settle(key, now);
            return None;
        }
        lane.place = Place::Running;
        lane.under_way = run.len();
        self.running += 1;
        Some(Turn::Send { lane: key, run, hints: lane.hints, ready_since })
    }

    /// The lane at the front of a class cannot go before `at`.
    pub(super) fn postpone(&mut self, class: Class, group: bool, at: Instant) {
        if let Some(key) = self.ready.get_mut(&(class, group)).and_then(VecDeque::pop_front) {
            self.wait(key, Place::Waiting, at);
        }
    }

    /// The first `count` sends of a running lane are done.
    pub(super) fn done(&mut self, key: OutboxLane, count: usize, now: Instant) {
        self.running -= 1;
        if self.leaves(key) {
            return;
        }
        let Some(lane) = self.known.get_mut(&key) else { return };
        let before = lane.loaded.len();
        lane.under_way = 0;
        lane.loaded.drain(..count.min(before));
        self.loaded -= before - lane.loaded.len();
        // A run that failed as a whole is gone through one by one to its end.
        lane.hints =
            Hints { singly: lane.hints.singly && !lane.loaded.is_empty(), ..Hints::default() };
        self.settle(key, now);
    }

    /// A running lane must try again, not before `at`.
    pub(super) fn again(
        &mut self,
        key: OutboxLane,
        hints: Hints,
        at: Option<Instant>,
        now: Instant,
    ) {
        self.running -= 1;
        if self.leaves(key) {
            return;
        }
        let Some(lane) = self.known.get_mut(&key) else { return };
        lane.under_way = 0;
        lane.hints = hints;
        match at {
            Some(at) if at > now => self.wait(key, Place::Waiting, at),
            Some(_) | None => self.make_ready_first(key, now),
        }
    }

    /// A lane whose load failed is ready to try again at `at`.
    pub(super) fn load_failed(&mut self, key: OutboxLane, at: Instant) {
        self.running -= 1;
        if !self.leaves(key) {
            self.wait(key, Place::Waiting, at);
        }
    }

    /// Sends waiting in ready lanes, in lanes that must wait, and running.
    pub(super) fn depth(&self) -> Depth {
        let mut depth = Depth::default();
        for lane in self.known.values() {
            let count = lane.loaded.len() as u64 + lane.unloaded;
            match lane.place {
                Place::Idle | Place::Ready => depth.ready += count,
                Place::Waiting(_) | Place::Collecting(_) => depth.delayed += count,
                Place::Running => {
                    depth.in_flight += 1;
                    depth.ready += count.saturating_sub(1);
                }
            }
            let oldest = lane.loaded.front().map(|item| item.queued.received).or(lane.oldest);
            depth.oldest = [depth.oldest, oldest].into_iter().flatten().min();
        }
        depth
    }

    /// Lanes that are being worked on now.
    pub(super) fn running(&self) -> usize {
        self.running
    }

    fn settle(&mut self, key: OutboxLane, now: Instant) {
        let Some(lane) = self.known.get(&key) else { return };
        if lane.loaded.is_empty() && lane.unloaded == 0 {
            self.known.remove(&key);
        } else {
            self.make_ready(key, now);
        }
    }

    fn make_ready(&mut self, key: OutboxLane, now: Instant) {
        if let Some(queue) = self.ready_queue(key, now) {
            queue.push_back(key);
        }
    }

    fn make_ready_first(&mut self, key: OutboxLane, now: Instant) {
        if let Some(queue) = self.ready_queue(key, now) {
            queue.push_front(key);
        }
    }

    fn ready_queue(&mut self, key: OutboxLane, now: Instant) -> Option<&mut VecDeque<OutboxLane>> {
        let lane = self.known.get_mut(&key)?;
        lane.place = Place::Ready;
        lane.ready_since = Some(now);
        let class = lane
            .loaded
            .front()
            .map_or_else(|| class_of(key.channel), |item| item.queued.effect.class());
        Some(self.ready.entry((class, is_group(key))).or_default())
    }

    fn wait(&mut self, key: OutboxLane, place: fn(Instant) -> Place, at: Instant) {
        if let Some(lane) = self.known.get_mut(&key) {
            lane.place = place(at);
            self.waiting.push(Reverse((at, key.key())));
        }
    }
}

/// How many sends wait, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct Depth {
    pub ready: u64,
    pub delayed: u64,
    pub in_flight: u64,
    pub oldest: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Effect, UpdateId, UserId},
        ports::Queued,
    };

    fn item(seq: i64) -> OutboxItem {
        let queued = Queued {
            lane: Effect::CloseTopic.lane(UserId(1)),
            effect: Effect::CloseTopic,
            cause: UpdateId(0),
            received: Millis(0),
            not_before: None,
        };
        OutboxItem { seq: Seq(seq), queued }
    }

    fn seqs(turn: Option<Turn>) -> Vec<i64> {
        match turn {
            Some(Turn::Send { run, .. }) => run.iter().map(|item| item.seq.0).collect(),
            other => panic!("no send: {other:?}"),
        }
    }

    /// Takes turns until nothing is left; what each has sent.
    fn drained(lanes: &mut Lanes, now: Instant) -> Vec<i64> {
        let mut sent = Vec::new();
        let key = item(0).queued.lane;
        let class = item(0).queued.effect.class();
        while lanes.peek(class, is_group(key)).is_some() {
            let run = seqs(lanes.take(class, is_group(key), 1, now, Millis(0)));
            lanes.done(key, run.len(), now);
            sent.extend(run);
        }
        sent
    }

    #[test]
    fn what_comes_late_takes_its_place_but_not_before_what_is_under_way() {
        let (mut lanes, now) = (Lanes { kept: Shards::ALL, ..Lanes::default() }, Instant::now());
        let key = item(0).queued.lane;
        let class = item(0).queued.effect.class();
        lanes.add(vec![item(4), item(6)], now);
        assert_eq!(seqs(lanes.take(class, is_group(key), 1, now, Millis(0))), [4]);
        lanes.add(vec![item(3)], now);
        lanes.add(vec![item(5)], now);
        lanes.done(key, 1, now);
        assert_eq!(drained(&mut lanes, now), [3, 5, 6]);
    }

    #[test]
    fn what_was_read_before_it_came_is_sent_once_and_what_it_pushed_out_is_read() {
        let (mut lanes, now) = (Lanes { kept: Shards::ALL, ..Lanes::default() }, Instant::now());
        let key = item(0).queued.lane;
        let class = class_of(key.channel);
        lanes.add_unloaded(&LaneHead { lane: key, waiting: 2, oldest: Millis(0) }, now);
        // 3 is committed but does not come yet; 4 comes and is counted.
        lanes.add(vec![item(4)], now);
        let Some(Turn::Load(_, None, 3)) = lanes.take(class, is_group(key), 1, now, Millis(0))
        else {
            panic!("three are read");
        };
        lanes.add_loaded(key, vec![item(1), item(2), item(3)], now);
        lanes.add(vec![item(3)], now);
        let sent: Vec<i64> = (0..3)
            .flat_map(|_| {
                let class = item(0).queued.effect.class();
                let run = seqs(lanes.take(class, is_group(key), 1, now, Millis(0)));
                lanes.done(key, run.len(), now);
                run
            })
            .collect();
        assert_eq!(sent, [1, 2, 3]);
        let turn = lanes.take(class, is_group(key), 1, now, Millis(0));
        assert!(matches!(turn, Some(Turn::Load(_, _, 1))), "{turn:?}");
        lanes.add_loaded(key, vec![item(4)], now);
        assert_eq!(drained(&mut lanes, now), [4]);
    }
}
