//! Keeps only the lanes of the partitions that are assigned to this process.

use domain::{OutboxLane, Partition, PartitionSet};

use super::{
    lane::{Lane, LaneState, is_missed},
    lane_set::Lanes,
};

impl Lanes {
    /// Adds assigned partitions.
    pub(in crate::engine) fn keep(&mut self, partitions: PartitionSet) {
        self.kept = self.kept.and(partitions);
    }

    /// Removes revoked partitions. An idle lane leaves at once, a running lane when its dispatch has ended.
    pub(in crate::engine) fn revoke(&mut self, partitions: PartitionSet) {
        self.kept = self.kept.without(partitions);
        let leave = |lane: &Lane| lane.place != LaneState::Running;
        let gone: Vec<_> =
            self.known.extract_if(|key, lane| key.is_in(partitions) && leave(lane)).collect();
        for (key, lane) in gone {
            self.released(key);
            self.forget(key, &lane);
        }
        self.let_go_of_the_rest(partitions);
        for queue in self.ready.values_mut() {
            queue.retain(|key| !key.is_in(partitions));
        }
    }

    /// Whether any lane of these partitions is running.
    pub(in crate::engine) fn running_in(&self, partitions: PartitionSet) -> bool {
        let mut known = self.known.iter();
        known.any(|(key, lane)| key.is_in(partitions) && lane.place == LaneState::Running)
    }

    /// Removes a lane whose dispatch has ended if its partition was revoked. Returns whether it did; the first `done`
    /// sends are done.
    pub(in crate::engine) fn leaves(&mut self, key: OutboxLane, done: usize) -> bool {
        if key.is_in(self.kept) {
            return false;
        }
        if let Some(mut lane) = self.release(key) {
            *self.loaded.of(key.channel) -= lane.remove(done);
            self.forget(key, &lane);
        }
        true
    }

    fn forget(&mut self, key: OutboxLane, lane: &Lane) {
        *self.loaded.of(key.channel) -= lane.loaded.len();
        if is_missed(key.channel) {
            self.left.add(Partition::of(key.user), lane.waiting());
        }
    }
}
