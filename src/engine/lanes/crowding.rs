//! Keeps the lanes of a group that does not get ahead from filling the memory that others need.
//!
//! A group may be paused for hours, or have more waiting conversations than its limit can serve. Then its lanes leave
//! memory, except for those that have waited longest, and are read again once these are served.

use std::collections::{HashMap, HashSet};

use tokio::time::{Duration, Instant};

use domain::{Channel, GroupKey, Millis, OutboxLane, PartitionSet, Seq};

use super::{
    backlog::ChannelBacklog,
    lane::{Lane, LaneState},
    lane_set::Lanes,
};

/// Interval between two looks at what is in memory.
const LOOKS: Duration = Duration::from_millis(200);

impl Lanes {
    /// Makes room in a channel for lanes of other groups, and reads again the lanes for which there is room now.
    pub(super) fn share_memory(&mut self, channel: Channel, now: Instant) {
        let full = self.reading_threshold();
        let backlog = self.backlogs.of(channel);
        let crowded = self.by_group && backlog.lanes >= full;
        let idle = !crowded && backlog.parked.is_empty();
        if idle || !backlog.open || backlog.reading || backlog.looked.is_some_and(|at| at > now) {
            return;
        }
        backlog.looked = Some(now + LOOKS);
        let lanes = self.known.iter().filter(|(key, _)| key.channel == channel);
        let mut in_memory: HashMap<GroupKey, usize> = HashMap::new();
        for group in lanes.filter_map(|(key, lane)| lane.place(*key).group()) {
            *in_memory.entry(group).or_default() += 1;
        }
        // Half of the memory stays free, so that lanes of any group are found.
        let share = self.capacity / 2 / in_memory.len().max(1);
        if crowded {
            for (group, _) in in_memory.iter().filter(|(_, lanes)| **lanes > share) {
                self.park(channel, *group, share);
            }
        }
        let lanes_of = |group| in_memory.get(&group).copied().unwrap_or(0);
        self.backlogs.of(channel).unpark(|group| lanes_of(group) <= share / 2);
    }

    /// Removes the ready lanes of a group from memory, except for this many, those that have waited longest.
    pub(super) fn park(&mut self, channel: Channel, group: GroupKey, keep: usize) {
        let of_group = self.known.iter().filter(|(key, lane)| {
            key.channel == channel && lane.place(**key).group() == Some(group)
        });
        let mut lanes: Vec<(Option<Millis>, OutboxLane, bool)> =
            of_group.map(|(key, lane)| (lane.oldest(), *key, lane.may_leave())).collect();
        lanes.sort_unstable_by_key(|(oldest, key, _)| (*oldest, key.key()));
        let leave = lanes.into_iter().skip(keep).filter(|(.., may_leave)| *may_leave);
        let leave: HashSet<OutboxLane> = leave.map(|(_, key, _)| key).collect();
        for queue in self.ready.iter_mut().flatten().chain([&mut self.without_call]) {
            queue.retain(|key| !leave.contains(key));
        }
        for key in leave {
            let Some(lane) = self.remove(key) else { continue };
            *self.loaded.of(channel) -= lane.loaded.len();
            self.backlogs.of(channel).park(key, &lane, group);
        }
    }
}

impl Lane {
    /// Whether nothing is lost if the lane is read again later.
    fn may_leave(&self) -> bool {
        self.state == LaneState::Ready && !self.pressed
    }
}

impl ChannelBacklog {
    /// Adds the sends of a lane that has left memory until others of its group are served.
    fn park(&mut self, key: OutboxLane, lane: &Lane, group: GroupKey) {
        let first = lane.loaded.front().map_or(Seq(i64::MIN), |item| item.seq);
        let behind = self.behind;
        self.add(key, first, lane.waiting(), lane.oldest());
        // They are not read again before that.
        self.behind = behind;
        let partitions = PartitionSet::from(key.partition());
        match self.parked.iter_mut().find(|(parked, _)| *parked == group) {
            Some((_, parked)) => *parked = parked.and(partitions),
            None => self.parked.push((group, partitions)),
        }
    }

    /// Reads again the lanes of the groups that have room.
    fn unpark(&mut self, has_room: impl Fn(GroupKey) -> bool) {
        for (_, partitions) in self.parked.extract_if(.., |(group, _)| has_room(*group)) {
            self.reached.begin_anew(partitions);
            self.not_before = None;
            self.quiet = false;
        }
    }
}
