//! The depth of the outbox: how many sends wait in each class, and since when the oldest waits.

use tokio::time::Instant;

use domain::{Channel, Class, Effect, Millis, OutboxLane, Waiting};

use super::{
    lane::{Lane, LaneState, class_of},
    lane_set::Lanes,
};

/// The number of waiting sends, and the age of the oldest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct Depth {
    pub ready: u64,
    pub delayed: u64,
    pub in_flight: u64,
    pub oldest: Option<Millis>,
    /// Lanes that wait for their users, who write faster than the rate, and the sends in them.
    pub held_lanes: u64,
    pub held_sends: u64,
    /// Messages in memory that have taken the desk longer than it may take, and are still waiting.
    pub late: u64,
}

impl Lanes {
    /// The sends in ready, waiting and running lanes, without newsletters: they may wait, and have metrics of their
    /// own. A held lane waits for its user, so none of its sends is the oldest; nor is a name, a card or a pin, for which
    /// nobody waits.
    pub(in crate::engine) fn depth(&self, now: Instant, wall: Millis) -> Depth {
        let (mut depth, present) = (Depth::default(), self.present(now, wall));
        let lanes = self.known.iter().filter(|(key, _)| key.channel != Channel::Newsletter);
        for (key, lane) in lanes {
            let count = lane.waiting();
            depth.late += lane.late(self.limit_clocks(), present);
            if lane.is_held(present) {
                depth.held_lanes += 1;
                depth.held_sends += count;
                depth.delayed += count;
                continue;
            }
            match lane.state {
                LaneState::Idle | LaneState::Ready => depth.ready += count,
                LaneState::Waiting(_) | LaneState::Collecting(_) | LaneState::Held(_) => {
                    depth.delayed += count;
                }
                LaneState::Running => {
                    depth.in_flight += 1;
                    depth.ready += count.saturating_sub(1);
                }
            }
            let is_look = key.channel == Channel::Cosmetic;
            let oldest = lane.waits_since(present).filter(|_| !is_look);
            depth.oldest = [depth.oldest, oldest].into_iter().flatten().min();
        }
        let stored = self.backlogs.waiting().filter(|(channel, _)| *channel != Channel::Newsletter);
        for (channel, waiting) in stored {
            depth.ready += waiting.count;
            let oldest = waiting.oldest.filter(|_| channel != Channel::Cosmetic);
            depth.oldest = [depth.oldest, oldest].into_iter().flatten().min();
        }
        depth
    }

    /// All waiting sends.
    pub(in crate::engine) fn total(&self) -> Waiting {
        let mut total = Waiting::default();
        for lane in self.known.values() {
            total.add(lane.waiting(), lane.oldest());
        }
        for (_, stored) in self.backlogs.waiting() {
            total.add(stored.count, stored.oldest);
        }
        total
    }

    /// Whether nothing waits.
    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.backlogs.waiting().next().is_none()
    }

    /// Receipt time of the update of a lane's oldest send, if known.
    pub(in crate::engine) fn oldest(&self, lane: OutboxLane) -> Option<Millis> {
        self.known.get(&lane).and_then(Lane::oldest)
    }

    /// The waiting sends by class, in the order of [`Class::ALL`], without the answers to the person who asks for
    /// this. The class of sends that are not loaded is a guess.
    pub(in crate::engine) fn by_class(
        &self,
        now: Instant,
        wall: Millis,
    ) -> [Waiting; Class::ALL.len()] {
        let present = self.present(now, wall);
        let mut waiting = [Waiting::default(); Class::ALL.len()];
        for (key, lane) in &self.known {
            let asked = |effect: &Effect| matches!(effect, Effect::Report(_));
            let by_standing = |class| match (class, lane.standing) {
                (Class::Known, Some(standing)) => standing.class(),
                (class, _) => class,
            };
            for item in lane.loaded.iter().filter(|item| !asked(&item.queued.effect)) {
                let class = by_standing(item.queued.effect.class());
                let since = lane.hold.waits_since(item, present);
                waiting[class as usize].add(1, since);
            }
            let class = by_standing(class_of(key.channel));
            waiting[class as usize].add(lane.unloaded, lane.oldest);
        }
        for (channel, stored) in self.backlogs.waiting() {
            waiting[class_of(channel) as usize].add(stored.count, stored.oldest);
        }
        waiting
    }
}
