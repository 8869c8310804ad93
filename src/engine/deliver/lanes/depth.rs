//! The depth of the outbox.

use domain::{Channel, Class, Effect, Millis, Waiting};

use super::{
    Lanes,
    lane::{LaneState, class_of},
};

/// Whether sends of a channel count towards the outbox. Reports to the tracker and newsletters do not: they may wait,
/// and they have metrics of their own.
pub(in crate::engine) fn is_desk_channel(channel: Channel) -> bool {
    match channel {
        Channel::Button
        | Channel::User
        | Channel::Topic
        | Channel::Cosmetic
        | Channel::Desk
        | Channel::Stuck => true,
        Channel::Track | Channel::Newsletter => false,
    }
}

/// The number of waiting sends, and the age of the oldest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct Depth {
    pub ready: u64,
    pub delayed: u64,
    pub in_flight: u64,
    pub oldest: Option<Millis>,
}

impl Lanes {
    /// The sends in ready, waiting and running lanes, without reports to the tracker and newsletters.
    pub(in crate::engine::deliver) fn depth(&self) -> Depth {
        let mut depth = Depth::default();
        let lanes = self.known.iter().filter(|(key, _)| is_desk_channel(key.channel));
        for (_, lane) in lanes {
            let count = lane.waiting();
            match lane.place {
                LaneState::Idle | LaneState::Ready => depth.ready += count,
                LaneState::Waiting(_) | LaneState::Collecting(_) => depth.delayed += count,
                LaneState::Running => {
                    depth.in_flight += 1;
                    depth.ready += count.saturating_sub(1);
                }
            }
            depth.oldest = [depth.oldest, lane.oldest()].into_iter().flatten().min();
        }
        let rest = self.backlogs.waiting().filter(|(channel, _)| is_desk_channel(*channel));
        for (_, waiting) in rest {
            depth.ready += waiting.count;
            depth.oldest = [depth.oldest, waiting.oldest].into_iter().flatten().min();
        }
        depth
    }

    /// The waiting sends by class, in the order of [`Class::ALL`], without the answers to the person who asks for
    /// this. The class of sends that are not loaded is a guess.
    pub(in crate::engine::deliver) fn by_class(&self) -> [Waiting; Class::ALL.len()] {
        let mut waiting = [Waiting::default(); Class::ALL.len()];
        for (key, lane) in &self.known {
            let asked = |effect: &Effect| matches!(effect, Effect::Report(_));
            for item in lane.loaded.iter().filter(|item| !asked(&item.queued.effect)) {
                waiting[item.queued.effect.class() as usize].add(1, Some(item.queued.received));
            }
            waiting[class_of(key.channel) as usize].add(lane.unloaded, lane.oldest);
        }
        for (channel, rest) in self.backlogs.waiting() {
            waiting[class_of(channel) as usize].add(rest.count, rest.oldest);
        }
        waiting
    }
}
