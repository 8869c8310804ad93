//! Gives the group's slots to the lanes that wait for them, rank by rank.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{
    lanes::{UNCERTAIN_LEASE_PAUSE, Usage},
    limits::{Bucket, Rank, quarter},
};
use domain::{Class, Millis};

use super::Sender;

/// The classes that go to the group.
const CLASSES: [Class; 6] =
    [Class::Urgent, Class::Known, Class::Opening, Class::Stranger, Class::Notice, Class::Cosmetic];

/// What came of offering a slot to a lane.
enum Offer {
    /// The lane has started, or waits for something else than slots.
    Settled,
    /// It waits for slots, until then at least if that is known.
    Waits(Option<Instant>),
    /// It has waited so long for several slots at once that lower ranks must not take them.
    HoldsBack(Option<Instant>),
}

impl Sender {
    /// Starts every dispatch to the group that may start now. Returns when to look again.
    pub(super) fn start_group(&mut self, now: Instant, wall: Millis) -> Option<Instant> {
        while self.lanes.running(Class::Known) < self.desk.settings.send_concurrency {
            let Some(dispatch) = self.lanes.dispatch_without_call(now) else { break };
            let permit = self.pacer.take(Bucket::Free, 0, now);
            self.start(dispatch, permit);
        }
        for class in CLASSES {
            self.lanes.throttled.stop((class, true), now);
        }
        let wake = self.offer_slots(now, wall);
        if self.pacer.is_limit(Bucket::Group, now) {
            for class in CLASSES {
                if self.lanes.ready(class, true) > 0 {
                    self.lanes.throttled.start((class, true), now);
                }
            }
        }
        wake
    }

    /// Offers slots until no lane can take one. Returns when to look again.
    fn offer_slots(&mut self, now: Instant, wall: Millis) -> Option<Instant> {
        'next: while self.lanes.running(Class::Known) < self.desk.settings.send_concurrency {
            let mut wake: Option<Instant> = None;
            let usage = self.usage(now);
            for rank in Rank::ALL {
                for class in self.lanes.candidates(rank, &usage) {
                    match self.offer(rank, class, &usage, now, wall) {
                        Offer::Settled => continue 'next,
                        Offer::Waits(at) => wake = [wake, at].into_iter().flatten().min(),
                        Offer::HoldsBack(at) => return [wake, at].into_iter().flatten().min(),
                    }
                }
            }
            return wake;
        }
        None
    }

    fn usage(&mut self, now: Instant) -> Usage {
        match self.pacer.group() {
            Some((limit, window)) => Usage { slots: window.by_user(now), heavy: quarter(limit) },
            None => Usage { slots: std::collections::HashMap::new(), heavy: 0 },
        }
    }

    fn offer(
        &mut self,
        rank: Rank,
        class: Class,
        usage: &Usage,
        now: Instant,
        wall: Millis,
    ) -> Offer {
        let Some(lane) = self.lanes.peek(class, true) else { return Offer::Waits(None) };
        if !self.desk.store.holds(lane) {
            self.lanes.postpone((class, true), now + UNCERTAIN_LEASE_PAUSE, false, now);
            return Offer::Settled;
        }
        let family = self.lanes.family(class);
        if let Some(until) = family.and_then(|family| self.pacer.frozen(family, now)) {
            self.lanes.postpone((class, true), until, true, now);
            return Offer::Settled;
        }
        let limit = self.desk.settings.pacing.group as usize;
        let terms = rank.terms(class, limit);
        let want = self.lanes.slots_wanted(class, true);
        let free = match self.pacer.free_in_group(&terms, want, now) {
            Ok(free) => free,
            Err(at) if want > 1 && self.lanes.waited(class, now) > self.patience() => {
                return Offer::HoldsBack(at);
            }
            Err(at) => return Offer::Waits(at),
        };
        // Ready lanes share the free slots.
        let share = (free / self.lanes.ready(class, true).max(1)).min(usage.left(lane));
        if let Some(dispatch) = self.lanes.dispatch(class, true, share.max(1), now, wall) {
            let slots = dispatch.slots();
            let permit = self.pacer.take_in_group(&terms, lane.user, slots, now);
            self.start(dispatch, permit);
        }
        Offer::Settled
    }

    /// How long a lane that needs several slots at once lets others take single ones.
    fn patience(&self) -> Duration {
        self.desk.settings.pacing.group_period / 3
    }
}
