//! Which group has a lane's conversation.

use tokio::time::Instant;

use domain::{Channel, GroupKey, OutboxLane, UserId};

use super::{
    lane::{Lane, LaneState},
    lane_set::Lanes,
};

/// The channels whose sends go to the group that has the conversation.
const HOME: [Channel; 3] = [Channel::Topic, Channel::Cosmetic, Channel::Stuck];

impl Lane {
    /// Whether it is unknown where the head goes.
    pub(super) fn lacks_group(&self, channel: Channel) -> bool {
        self.group.is_none() && HOME.contains(&channel) && self.named_group().is_none()
    }
}

impl Lanes {
    /// Makes lanes wait until it is known which group has their conversations: there are several.
    pub(in crate::engine) fn wait_by_group(mut self) -> Self {
        self.by_group = true;
        self
    }

    /// The group that has the conversation of a lane whose sends were read.
    pub(in crate::engine) fn learn_group(&mut self, key: OutboxLane, group: GroupKey) {
        if let Some(lane) = self.known.get_mut(&key) {
            lane.group = Some(group);
        }
    }

    /// What is known now of the group that has a user's conversation.
    pub(in crate::engine) fn set_group(&mut self, user: UserId, group: GroupKey, now: Instant) {
        if !self.by_group {
            return;
        }
        for channel in HOME {
            let key = OutboxLane { user, channel };
            let Some(lane) = self.known.get_mut(&key) else { continue };
            let before = lane.group.replace(group);
            if before != Some(group) && lane.state == LaneState::Ready {
                self.requeue(key, now);
            }
        }
    }

    /// The groups to which lanes are ready, beginning behind this one.
    pub(in crate::engine) fn ready_groups(
        &self,
        behind: GroupKey,
    ) -> impl Iterator<Item = GroupKey> {
        let ready = self.ready.groups().filter(|(_, queues)| queues.iter().any(|q| !q.is_empty()));
        let ready = ready.map(|(group, _)| group);
        let (later, earlier) = (ready.clone(), ready);
        let later = later.filter(move |group| *group > behind);
        later.chain(earlier.filter(move |group| *group <= behind))
    }

    /// As far as is known, no limit throttles the lanes to groups.
    pub(in crate::engine) fn stop_clocks(&mut self, now: Instant) {
        self.throttled.stop_groups(now);
    }
}
