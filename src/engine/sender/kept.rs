//! Which lanes are here: those of the parts of the conversations that this process holds.

use crate::domain::{OutboxLane, Shards};

use super::{
    lane::{Lane, Place},
    lanes::Lanes,
};

impl Lanes {
    /// Lanes of these parts are here from now on.
    pub(super) fn keep(&mut self, shards: Shards) {
        self.kept = self.kept.and(shards);
    }

    /// Lanes of these parts leave: at once, or when what is under way in them has ended.
    pub(super) fn let_go(&mut self, shards: Shards) {
        self.kept = self.kept.without(shards);
        let leave = |lane: &Lane| lane.place != Place::Running;
        let left = self.known.extract_if(|key, lane| shards.keep(*key) && leave(lane));
        self.loaded -= left.map(|(_, lane)| lane.loaded.len()).sum::<usize>();
        for queue in self.ready.values_mut() {
            queue.retain(|key| !shards.keep(*key));
        }
    }

    /// Whether something is under way in these parts.
    pub(super) fn running_in(&self, shards: Shards) -> bool {
        let mut known = self.known.iter();
        known.any(|(key, lane)| shards.keep(*key) && lane.place == Place::Running)
    }

    /// A lane whose turn has ended leaves, if it is not kept any longer.
    pub(super) fn leaves(&mut self, key: OutboxLane) -> bool {
        if self.kept.keep(key) {
            return false;
        }
        if let Some(lane) = self.known.remove(&key) {
            self.loaded -= lane.loaded.len();
        }
        true
    }
}
