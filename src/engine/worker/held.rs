//! Lanes that wait because their head has failed.

use std::collections::{HashMap, VecDeque};

use tokio::time::Instant;

use domain::{InboxLane, Millis, Seq};
use ports::InboxItem;

/// Lanes that wait, and what waits in them, in its order.
#[derive(Debug, Default)]
pub(super) struct HeldLanes(HashMap<InboxLane, Held>);

#[derive(Debug)]
struct Held {
    until: Instant,
    items: VecDeque<InboxItem>,
}

impl HeldLanes {
    /// Makes a lane wait until a moment, with this update at its head.
    pub(super) fn hold(&mut self, head: InboxItem, until: Instant) {
        let lane = self.0.entry(head.update.lane).or_insert_with(|| Held::new(until));
        lane.until = until;
        lane.items.push_front(head);
    }

    /// Puts an update at the end of its lane; gives it back if that lane does not wait.
    pub(super) fn join(&mut self, item: InboxItem) -> Option<InboxItem> {
        match self.0.get_mut(&item.update.lane) {
            Some(held) => {
                held.items.push_back(item);
                None
            }
            None => Some(item),
        }
    }

    /// Whether a lane waits.
    pub(super) fn has(&self, lane: InboxLane) -> bool {
        self.0.contains_key(&lane)
    }

    /// What lanes hold whose wait is over.
    pub(super) fn release(&mut self, now: Instant) -> impl Iterator<Item = VecDeque<InboxItem>> {
        self.0.extract_if(move |_, held| held.until <= now).map(|(_, held)| held.items)
    }

    /// When the next wait is over.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.values().map(|held| held.until).min()
    }

    /// How many updates wait.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(|held| held.items.len()).sum()
    }

    /// All that wait.
    pub(super) fn items(&self) -> impl Iterator<Item = &InboxItem> {
        self.0.values().flat_map(|held| &held.items)
    }

    /// Forgets those that do not stay.
    pub(super) fn retain(&mut self, stays: impl Fn(Seq) -> bool) {
        self.0.retain(|_, held| {
            held.items.retain(|item| stays(item.seq));
            !held.items.is_empty()
        });
    }

    /// When the oldest of them was received.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.0.values().filter_map(|held| held.items.front()).map(|item| item.received).min()
    }
}

impl Held {
    fn new(until: Instant) -> Self {
        Self { until, items: VecDeque::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        let (mut lanes, now) = (HeldLanes::default(), Instant::now());
        lanes.hold(item(1, 7), now);
        assert_eq!(lanes.join(item(2, 7)), None);
        assert_eq!(lanes.join(item(3, 8)), Some(item(3, 8)), "that lane does not wait");
        let mut released: VecDeque<_> = lanes.release(now).flatten().collect();
        let head = released.pop_front().unwrap();
        // The rest is back in its lane before the head fails again.
        lanes.hold(released.pop_front().unwrap(), now);
        let later = now + Duration::from_secs(1);
        lanes.hold(head, later);
        assert_eq!((lanes.len(), lanes.oldest(), lanes.next()), (2, Some(Millis(1)), Some(later)));
        assert_eq!(lanes.release(now).count(), 0);
        let order: Vec<_> = lanes.release(later).flatten().map(|item| item.seq.0).collect();
        assert_eq!(order, [1, 2]);
        assert!(!lanes.has(InboxLane::User(UserId(7))));
    }
}
