//! Keeps only the lanes of the partitions that are assigned to this process.

use domain::{OutboxLane, Partition, PartitionSet};

use super::{
    lane::{Lane, LaneState, counts_as_lost},
    lane_set::Lanes,
};

impl Lanes {
    /// Adds assigned partitions.
    pub(in crate::engine) fn add_partitions(&mut self, partitions: PartitionSet) {
        self.partitions = self.partitions.and(partitions);
    }

    /// Removes revoked partitions. An idle lane leaves at once, a running lane when its dispatch has ended.
    pub(in crate::engine) fn revoke(&mut self, partitions: PartitionSet) {
        self.partitions = self.partitions.without(partitions);
        let is_idle = |lane: &Lane| lane.state != LaneState::Running;
        let removed: Vec<_> =
            self.known.extract_if(|key, lane| key.is_in(partitions) && is_idle(lane)).collect();
        for (key, lane) in removed {
            self.count_removal(key);
            self.count_released(key, &lane);
        }
        self.release_backlogs(partitions);
        for queue in self.ready.iter_mut().flatten().chain([&mut self.without_call]) {
            queue.retain(|key| !key.is_in(partitions));
        }
    }

    /// Whether any lane of these partitions is running.
    pub(in crate::engine) fn running_in(&self, partitions: PartitionSet) -> bool {
        let mut known = self.known.iter();
        known.any(|(key, lane)| key.is_in(partitions) && lane.state == LaneState::Running)
    }

    /// Removes a lane whose dispatch has ended if its partition was revoked. Returns whether it did; the first `done`
    /// sends are done.
    pub(in crate::engine) fn remove_if_revoked(&mut self, key: OutboxLane, done: usize) -> bool {
        if key.is_in(self.partitions) {
            return false;
        }
        if let Some(mut lane) = self.remove(key) {
            *self.loaded.of(key.channel) -= lane.remove(done);
            self.count_released(key, &lane);
        }
        true
    }

    fn count_released(&mut self, key: OutboxLane, lane: &Lane) {
        *self.loaded.of(key.channel) -= lane.loaded.len();
        if counts_as_lost(key.channel) {
            self.released_backlog.add(Partition::of(key.user), lane.waiting());
        }
    }
}
