//! Gives the slots of each group to the lanes that wait for them, rank by rank.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::engine::{
    lanes::{Destination, Dispatch, Lanes, UNCERTAIN_LEASE_PAUSE, Usage},
    limits::{Bucket, Pacer, Permit, Rank, quarter},
};
use domain::{Class, GroupKey, Millis, OutboxLane};

use super::Sender;

/// The classes that go to groups.
const CLASSES: [Class; 6] =
    [Class::Urgent, Class::Known, Class::Opening, Class::Stranger, Class::Notice, Class::Cosmetic];

/// Those of the classes in which messages wait.
const MESSAGES: [Class; 4] = [Class::Urgent, Class::Known, Class::Opening, Class::Stranger];

/// What came of offering slots.
#[derive(Debug)]
pub(super) enum Offered {
    /// A lane has taken slots for this.
    Start(Dispatch, Permit),
    /// No lane can take a slot before this time, if it is known.
    Wait(Option<Instant>),
}

/// What came of offering slots to one lane.
enum Answer {
    Start(Dispatch, Permit),
    /// The lane waits for something other than slots. Another lane may be at the front now.
    Left,
    /// It waits for slots.
    Waits(Option<Instant>),
    /// It has waited for several slots at once for so long that lower ranks must not take them.
    HoldsBack(Option<Instant>),
}

/// The slots of a group, and the lanes that wait for them.
pub(super) struct GroupSlots<'a> {
    pub(super) lanes: &'a mut Lanes,
    pub(super) pacer: &'a mut Pacer,
    /// Whether no other process can dispatch the lane.
    pub(super) holds: &'a dyn Fn(OutboxLane) -> bool,
    pub(super) group: GroupKey,
    /// Whether the group had slots for a lane, and the limit over all chats had too few.
    pub(super) lacks_overall: bool,
}

impl<'a> GroupSlots<'a> {
    pub(super) fn new(
        lanes: &'a mut Lanes,
        pacer: &'a mut Pacer,
        holds: &'a dyn Fn(OutboxLane) -> bool,
    ) -> Self {
        Self { lanes, pacer, holds, group: GroupKey::FIRST, lacks_overall: false }
    }
}

impl Sender {
    /// Starts every dispatch to a group that may start now. Returns when to look again.
    pub(super) fn start_groups(&mut self, now: Instant, wall: Millis) -> Option<Instant> {
        let most = self.desk.settings.send_concurrency;
        while self.lanes.running(Class::Known) < most {
            let Some(dispatch) = self.lanes.dispatch_without_call(now, wall) else { break };
            let permit = self.pacer.take(Bucket::Free, 0, now);
            self.start(dispatch, permit);
        }
        self.lanes.stop_clocks(now);
        self.turns.begin(&self.lanes);
        // Calls to a group that does not answer must leave some to the others.
        let most_in_one = (most * 2 / 3).max(1);
        while self.lanes.running(Class::Known) < most {
            let store = &self.desk.store;
            let holds = |lane| store.holds(lane);
            let mut slots = GroupSlots::new(&mut self.lanes, &mut self.pacer, &holds);
            match self.turns.offer(&mut slots, most_in_one, now, wall) {
                Offered::Start(dispatch, permit) => self.start(dispatch, permit),
                Offered::Wait(at) => {
                    self.count_throttling(now, wall);
                    return at;
                }
            }
        }
        self.lanes.limit_histories.mark(&[], now, wall);
        None
    }

    /// Starts the clocks of the classes that wait for slots.
    fn count_throttling(&mut self, now: Instant, wall: Millis) {
        let mut limited = Vec::new();
        for group in self.turns.waiting().iter().copied() {
            if !self.pacer.is_limit(Bucket::Group(group), now) {
                continue;
            }
            let place = Destination::Group(group);
            for class in CLASSES {
                if self.lanes.ready(class, place) > 0 {
                    self.lanes.throttled.start((class, place), now);
                }
            }
            if MESSAGES.into_iter().any(|class| self.lanes.ready(class, place) > 0) {
                limited.push(group);
            }
        }
        self.lanes.limit_histories.mark(&limited, now, wall);
    }
}

impl GroupSlots<'_> {
    fn place(&self) -> Destination {
        Destination::Group(self.group)
    }

    /// Offers slots to the lanes, rank by rank, until one takes some.
    pub(super) fn offer(&mut self, now: Instant, wall: Millis) -> Offered {
        'again: loop {
            let usage = self.usage(now);
            let mut wake: Option<Instant> = None;
            let overdue =
                self.lanes.overdue(self.place(), &usage, self.pacer.limits().patience() * 2, now);
            for rank in Rank::ALL {
                // All but what is urgent waits for an album that could never get its slots among others.
                if let Some(rank) = overdue.filter(|_| rank > Rank::Urgent) {
                    match self.offer_to(rank, Class::Known, &usage, now, wall) {
                        Answer::Start(dispatch, permit) => return Offered::Start(dispatch, permit),
                        Answer::Left => continue 'again,
                        Answer::Waits(at) | Answer::HoldsBack(at) => {
                            return Offered::Wait([wake, at].into_iter().flatten().min());
                        }
                    }
                }
                for class in self.lanes.candidates(self.place(), rank, &usage) {
                    match self.offer_to(rank, class, &usage, now, wall) {
                        Answer::Start(dispatch, permit) => {
                            return Offered::Start(dispatch, permit);
                        }
                        Answer::Left => continue 'again,
                        Answer::Waits(at) => wake = [wake, at].into_iter().flatten().min(),
                        Answer::HoldsBack(at) => {
                            return Offered::Wait([wake, at].into_iter().flatten().min());
                        }
                    }
                }
            }
            return Offered::Wait(wake);
        }
    }

    fn usage(&mut self, now: Instant) -> Usage {
        match self.pacer.group(self.group) {
            Some((limit, window)) => Usage { slots: window.by_user(now), heavy: quarter(limit) },
            None => Usage { slots: HashMap::new(), heavy: 0 },
        }
    }

    /// Offers slots to the lane at the front of a class.
    fn offer_to(
        &mut self,
        rank: Rank,
        class: Class,
        usage: &Usage,
        now: Instant,
        wall: Millis,
    ) -> Answer {
        let place = self.place();
        let Some(lane) = self.lanes.peek(class, place) else { return Answer::Waits(None) };
        let kind = (class, place);
        if !(self.holds)(lane) {
            self.lanes.postpone(kind, now + UNCERTAIN_LEASE_PAUSE, false, now);
            return Answer::Left;
        }
        if self.lanes.leaves_to_be_held(kind, now, wall) {
            return Answer::Left;
        }
        let family = self.lanes.family(kind);
        if let Some(until) = family.and_then(|family| self.pacer.frozen(self.group, family, now)) {
            self.lanes.postpone(kind, until, true, now);
            return Answer::Left;
        }
        let terms = rank.terms(class, self.pacer.limits().group as usize);
        let want = self.lanes.slots_wanted(class, place);
        let free = match self.pacer.free_in_group(self.group, &terms, want, now) {
            Ok(free) => free,
            Err(at) => {
                self.lacks_overall |= self.pacer.lacks_overall(self.group, &terms, want, now);
                if want == 1 {
                    return Answer::Waits(at);
                }
                return self.pass_over(rank, class, (lane, at), usage, now, wall);
            }
        };
        // Ready lanes share the free slots.
        let share = (free / self.lanes.ready(class, place).max(1)).min(usage.left(lane)).max(1);
        match self.lanes.dispatch(class, place, share, now, wall) {
            Some(dispatch) => {
                let slots = dispatch.slots();
                let permit = self.pacer.take_in_group(self.group, &terms, lane.user, slots, now);
                Answer::Start(dispatch, permit)
            }
            None => Answer::Left,
        }
    }

    /// Offers slots to a lane behind one that needs several at once, until that has waited for long: single slots of
    /// others must not keep it waiting for ever.
    fn pass_over(
        &mut self,
        rank: Rank,
        class: Class,
        (lane, at): (OutboxLane, Option<Instant>),
        usage: &Usage,
        now: Instant,
        wall: Millis,
    ) -> Answer {
        let waited = self.lanes.waited((class, self.place()), now) > self.pacer.limits().patience();
        if waited && !rank.is_guaranteed() {
            return Answer::HoldsBack(at);
        }
        if !self.lanes.single_first((class, self.place()), rank, usage) {
            return Answer::Waits(at);
        }
        match self.offer_to(rank, class, usage, now, wall) {
            Answer::Waits(other) => {
                self.lanes.put_first((class, self.place()), lane);
                Answer::Waits([at, other].into_iter().flatten().min())
            }
            answer @ (Answer::Start(..) | Answer::Left | Answer::HoldsBack(_)) => answer,
        }
    }
}
