//! How full the outbox is.

use domain::{Channel, Class, Effect, Millis, Waiting};

use super::{
    lane::{LaneState, class_of},
    lanes::Lanes,
};

/// Whether what waits there is counted as the outbox: neither reports to the tracker nor newsletters, which wait for
/// reasons of their own and have figures of their own.
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

/// How many sends wait, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct Depth {
    pub ready: u64,
    pub delayed: u64,
    pub in_flight: u64,
    pub oldest: Option<Millis>,
}

impl Lanes {
    /// Sends waiting in ready lanes, in lanes that must wait, and running; reports to the tracker are none of Telegram's,
    /// and newsletters may wait.
    pub(super) fn depth(&self) -> Depth {
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

    /// What waits of each class beside the answers to whoever asks this, in the order of [`Class::ALL`]; of what is not
    /// loaded the class is a guess.
    pub(super) fn by_class(&self) -> [Waiting; Class::ALL.len()] {
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
