//! The lanes that wait for slots of the group's limit.

use std::time::Duration;

use tokio::time::Instant;

use domain::Class;

use super::lane_set::Lanes;

impl Lanes {
    /// The number of ready lanes of a class to the group, and how long one of them has waited at most for its turn.
    pub(in crate::engine) fn waiting_for_slots(
        &self,
        class: Class,
        now: Instant,
    ) -> (usize, Duration) {
        let Some(queue) = self.ready.get(&(class, true)) else { return (0, Duration::ZERO) };
        let lanes = queue.iter().filter_map(|lane| self.known.get(lane));
        let first = lanes.filter_map(|lane| lane.ready_since).min();
        let longest = first.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        (queue.len(), longest)
    }
}
