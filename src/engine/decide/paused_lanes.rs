//! Lanes that are paused because their head failed.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use domain::{InboxLane, Millis, Seq};
use ports::InboxItem;

/// The paused lanes and their updates, in order.
#[derive(Debug, Default)]
pub(super) struct PausedLanes(HashMap<InboxLane, PausedLane>);

#[derive(Debug)]
struct PausedLane {
    until: Instant,
    items: VecDeque<InboxItem>,
}

impl PausedLanes {
    /// Pauses a lane until `until`, with this update at its head.
    pub(super) fn pause(&mut self, head: InboxItem, until: Instant) {
        let lane = self.0.entry(head.update.lane).or_insert_with(|| PausedLane::new(until));
        lane.until = until;
        lane.items.push_front(head);
    }

    /// Adds an update to the end of its lane. Returns the update if the lane is not paused.
    pub(super) fn join(&mut self, item: InboxItem) -> Option<InboxItem> {
        match self.0.get_mut(&item.update.lane) {
            Some(lane) => {
                lane.items.push_back(item);
                None
            }
            None => Some(item),
        }
    }

    /// Whether a lane is paused.
    pub(super) fn contains(&self, lane: InboxLane) -> bool {
        self.0.contains_key(&lane)
    }

    /// Removes the lanes whose pause is over, and returns their updates.
    pub(super) fn release(&mut self, now: Instant) -> impl Iterator<Item = VecDeque<InboxItem>> {
        self.0.extract_if(move |_, lane| lane.until <= now).map(|(_, lane)| lane.items)
    }

    /// When the next pause ends.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.0.values().map(|lane| lane.until).min()
    }

    /// The number of updates in paused lanes.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(|lane| lane.items.len()).sum()
    }

    /// All updates in paused lanes.
    pub(super) fn items(&self) -> impl Iterator<Item = &InboxItem> {
        self.0.values().flat_map(|lane| &lane.items)
    }

    /// Removes the updates that `stays` rejects.
    pub(super) fn retain(&mut self, stays: impl Fn(Seq) -> bool) {
        self.0.retain(|_, lane| {
            lane.items.retain(|item| stays(item.seq));
            !lane.items.is_empty()
        });
    }

    /// When the oldest update in a paused lane was received.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.0.values().filter_map(|lane| lane.items.front()).map(|item| item.received).min()
    }
}

impl PausedLane {
    fn new(until: Instant) -> Self {
        Self { until, items: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use proptest::prelude::*;

    use super::*;
    use domain::{UpdateId, UserId};
    use ports::RawUpdate;

    fn item(seq: i64, user: i64) -> InboxItem {
        let lane = InboxLane::User(UserId(user));
        let update = RawUpdate { update: UpdateId(seq), lane, raw: String::new() };
        InboxItem { seq: Seq(seq), update, received: Millis(seq), attempts: 0 }
    }

    #[test]
    fn a_head_that_fails_again_stays_before_what_waits_behind_it() {
        let (mut lanes, now) = (PausedLanes::default(), Instant::now());
        lanes.pause(item(1, 7), now);
        assert_eq!(lanes.join(item(2, 7)), None);
        assert_eq!(lanes.join(item(3, 8)), Some(item(3, 8)), "that lane is not paused");
        let mut released: VecDeque<_> = lanes.release(now).flatten().collect();
        let head = released.pop_front().unwrap();
        // The rest is back in its lane before the head fails again.
        lanes.pause(released.pop_front().unwrap(), now);
        let later = now + Duration::from_secs(1);
        lanes.pause(head, later);
        assert_eq!(
            (lanes.len(), lanes.oldest(), lanes.next_wake()),
            (2, Some(Millis(1)), Some(later))
        );
        assert_eq!(lanes.release(now).count(), 0);
        let order: Vec<_> = lanes.release(later).flatten().map(|item| item.seq.0).collect();
        assert_eq!(order, [1, 2]);
        assert!(!lanes.contains(InboxLane::User(UserId(7))));
    }

    #[derive(Debug, Clone)]
    enum Step {
        /// An update arrives in a lane.
        Arrive(i64),
        /// The first ready update is decided, or fails and pauses its lane for this many milliseconds.
        Decide { fails_for: Option<u64> },
        /// Time passes, and lanes whose wait is over continue.
        Pass(u64),
        /// Another process was assigned the lane.
        Leave(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..3_i64).prop_map(Step::Arrive),
            4 => prop::option::of(0..500_u64).prop_map(|fails_for| Step::Decide { fails_for }),
            2 => (0..400_u64).prop_map(Step::Pass),
            1 => (0..3_i64).prop_map(Step::Leave),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn lanes_keep_their_order_and_forget_nothing(steps in prop::collection::vec(step(), 1..120)) {
            let (mut lanes, mut ready) = (PausedLanes::default(), VecDeque::new());
            let mut expected: BTreeMap<i64, VecDeque<i64>> = BTreeMap::new();
            let mut now = Instant::now();
            // In the end all waits are over and nothing fails any more.
            let decide = Step::Decide { fails_for: None };
            let end = [Step::Pass(1_000)].into_iter().chain(vec![decide; steps.len()]);
            for (seq, step) in (1..).zip(steps.clone().into_iter().chain(end)) {
                match step {
                    Step::Arrive(user) => {
                        ready.push_back(item(seq, user));
                        expected.entry(user).or_default().push_back(seq);
                    }
                    Step::Pass(millis) => {
                        now += Duration::from_millis(millis);
                        for items in lanes.release(now) {
                            items.into_iter().rev().for_each(|item| ready.push_front(item));
                        }
                    }
                    Step::Leave(user) => {
                        let stays = |seq: Seq| !expected.get(&user).is_some_and(|lane| lane.contains(&seq.0));
                        lanes.retain(stays);
                        ready.retain(|item| stays(item.seq));
                        expected.remove(&user);
                    }
                    Step::Decide { fails_for } => {
                        let Some(item) = ready.pop_front().and_then(|item| lanes.join(item)) else { continue };
                        if let Some(millis) = fails_for {
                            lanes.pause(item, now + Duration::from_millis(millis));
                            continue;
                        }
                        let InboxLane::User(UserId(user)) = item.update.lane else { unreachable!() };
                        prop_assert_eq!(expected.get_mut(&user).and_then(VecDeque::pop_front), Some(item.seq.0));
                    }
                }
                let left: usize = expected.values().map(VecDeque::len).sum();
                prop_assert_eq!(lanes.len() + ready.len(), left, "each update is in exactly one place");
            }
            prop_assert_eq!(lanes.next_wake(), None);
            prop_assert!(expected.values().all(VecDeque::is_empty), "{:?} forgotten", expected);
        }
    }
}
