//! Which lanes are here: those of the parts of the conversations that this process holds.

use domain::{Channel, OutboxLane, Partition, PartitionSet};

use super::{
    lane::{Lane, LaneState},
    lanes::Lanes,
};

impl Lanes {
    /// Lanes of these parts are here from now on.
    pub(super) fn keep(&mut self, partitions: PartitionSet) {
        self.kept = self.kept.and(partitions);
    }

    /// Lanes of these parts leave: at once, or when what is under way in them has ended.
    pub(super) fn revoke(&mut self, partitions: PartitionSet) {
        self.kept = self.kept.without(partitions);
        let leave = |lane: &Lane| lane.place != LaneState::Running;
        let gone: Vec<_> =
            self.known.extract_if(|key, lane| partitions.keep(*key) && leave(lane)).collect();
        for (key, lane) in gone {
            self.released(key);
            self.forget(key, &lane);
        }
        self.let_go_of_the_rest(partitions);
        for queue in self.ready.values_mut() {
            queue.retain(|key| !partitions.keep(*key));
        }
    }

    /// Whether something is under way in these parts.
    pub(super) fn running_in(&self, partitions: PartitionSet) -> bool {
        let mut known = self.known.iter();
        known.any(|(key, lane)| partitions.keep(*key) && lane.place == LaneState::Running)
    }

    /// A lane whose turn has ended leaves, if it is not kept any longer; the first `done` of it are done.
    pub(super) fn leaves(&mut self, key: OutboxLane, done: usize) -> bool {
        if self.kept.keep(key) {
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

/// Whether somebody misses what is lost of a lane: not a topic's looks, nor what was to be said about a button that was
/// pressed a while ago, nor what a tracker was to be told.
pub(super) fn is_missed(channel: Channel) -> bool {
    match channel {
        Channel::Button | Channel::Cosmetic | Channel::Track => false,
        Channel::User | Channel::Topic | Channel::Desk | Channel::Newsletter | Channel::Stuck => {
            true
        }
    }
}
