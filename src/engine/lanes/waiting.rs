//! The lanes that wait for slots of the group's limit.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use domain::Class;

use super::lane_set::Lanes;

impl Lanes {
    /// The number of ready lanes of a class to the groups, and the longest time that one has waited for its turn.
    pub(in crate::engine) fn waiting_for_slots(
        &self,
        class: Class,
        now: Instant,
    ) -> (usize, Duration) {
        let queues = || self.ready.groups().map(|(_, queues)| &queues[class as usize]);
        let lanes = queues().flatten().filter_map(|lane| self.known.get(lane));
        let first = lanes.filter_map(|lane| lane.ready_since).min();
        let longest = first.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        (queues().map(VecDeque::len).sum(), longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{deliver::LANE_LIMITS, lanes::Destination};
    use domain::{Effect, GroupKey, Millis, PartitionSet, Seq, UpdateId, UserId};
    use ports::{OutboxItem, Queued};

    const FIRST: Destination = Destination::Group(GroupKey::FIRST);

    fn item(user: i64, effect: Effect, received: Millis) -> OutboxItem {
        let (lane, cause) = (effect.lane(UserId(user)), UpdateId(0));
        OutboxItem {
            seq: Seq(user),
            queued: Queued { lane, effect, cause, received, not_before: None },
        }
    }

    #[test]
    fn lanes_wait_by_class_and_the_one_that_has_waited_longest_counts() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) };
        lanes.add(vec![item(1, Effect::CloseTopic, Millis(0))], start);
        lanes.add(vec![item(2, Effect::CloseTopic, Millis(0))], start + second);
        lanes.add(vec![item(3, Effect::Refresh, Millis(0))], start + second);
        let waiting = |lanes: &Lanes, class| lanes.waiting_for_slots(class, start + second * 3);
        assert_eq!(waiting(&lanes, Class::Urgent), (2, second * 3));
        assert_eq!(waiting(&lanes, Class::Cosmetic), (1, second * 2));
        assert_eq!(waiting(&lanes, Class::Known), (0, Duration::ZERO));
        assert!(lanes.dispatch(Class::Urgent, FIRST, 1, start, Millis(0)).is_some());
        assert_eq!(waiting(&lanes, Class::Urgent), (1, second * 2), "a call is under way");
    }

    #[test]
    fn a_card_that_waits_is_not_the_oldest_message() {
        let now = Instant::now();
        let mut lanes = Lanes { partitions: PartitionSet::ALL, ..Lanes::new(LANE_LIMITS) };
        lanes.add(vec![item(1, Effect::Refresh, Millis(10))], now);
        let depth = |lanes: &Lanes| lanes.depth(now, Millis(100));
        assert_eq!((depth(&lanes).ready, depth(&lanes).oldest), (1, None));
        lanes.add(vec![item(2, Effect::CloseTopic, Millis(50))], now);
        assert_eq!((depth(&lanes).ready, depth(&lanes).oldest), (2, Some(Millis(50))));
    }
}
