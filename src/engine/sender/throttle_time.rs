//! How long sends were held by Telegram's limits, told apart from what the desk itself takes.
//!
//! A lane adds up how long its head was held by a bucket that is full or frozen. A send remembers the sum as it was when
//! the send came: what was added since has held it as well, at the head or behind it. A limit that others share holds whole
//! queues of lanes at once, so those have clocks, which lanes read when they come and go.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use domain::Class;

/// A queue of lanes that could go: their class, and whether they send to the group.
pub(super) type Kind = (Class, bool);

/// For how long each queue was held.
#[derive(Debug, Default)]
pub(super) struct ThrottledQueues(HashMap<Kind, QueueClock>);

/// Adds up time while it runs.
#[derive(Debug, Default, Clone, Copy)]
struct QueueClock {
    sum: Duration,
    since: Option<Instant>,
}

impl ThrottledQueues {
    /// A limit holds a queue from now on.
    pub(super) fn hold(&mut self, kind: Kind, now: Instant) {
        self.0.entry(kind).or_default().since.get_or_insert(now);
    }

    /// No limit holds a queue any more, as far as is known.
    pub(super) fn let_off(&mut self, kind: Kind, now: Instant) {
        if let Some(clock) = self.0.get_mut(&kind) {
            *clock = QueueClock { sum: clock.at(now), since: None };
        }
    }

    fn at(&self, kind: Kind, now: Instant) -> Duration {
        self.0.get(&kind).map_or(Duration::ZERO, |clock| clock.at(now))
    }
}

impl QueueClock {
    fn at(&self, now: Instant) -> Duration {
        self.sum + self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

/// For how long a lane was held, since it is there.
#[derive(Debug, Default)]
pub(super) struct ThrottledTime {
    sum: Duration,
    by: ThrottledBy,
}

/// What may hold a lane now.
#[derive(Debug, Default, Clone, Copy)]
enum ThrottledBy {
    #[default]
    Nothing,
    /// The limit of its user, since then.
    User(Instant),
    /// What holds its queue, which had been held for so long when the lane came.
    Queue(Kind, Duration),
}

impl ThrottledTime {
    /// For how long by now.
    pub(super) fn at(&self, held: &ThrottledQueues, now: Instant) -> Duration {
        let more = match self.by {
            ThrottledBy::Nothing => Duration::ZERO,
            ThrottledBy::User(since) => now.saturating_duration_since(since),
            ThrottledBy::Queue(kind, before) => held.at(kind, now).saturating_sub(before),
        };
        self.sum + more
    }

    /// The lane waits for its turn in a queue.
    pub(super) fn queues(&mut self, kind: Kind, held: &ThrottledQueues, now: Instant) {
        self.goes(held, now);
        self.by = ThrottledBy::Queue(kind, held.at(kind, now));
    }

    /// The limit of its user holds the lane.
    pub(super) fn waits(&mut self, held: &ThrottledQueues, now: Instant) {
        self.goes(held, now);
        self.by = ThrottledBy::User(now);
    }

    /// No limit holds the lane.
    pub(super) fn goes(&mut self, held: &ThrottledQueues, now: Instant) {
        *self = Self { sum: self.at(held, now), by: ThrottledBy::Nothing };
    }
}

/// For how long the sends of a run were held: those behind the head came later.
#[derive(Debug, Default, Clone)]
pub(in crate::engine) struct ThrottledTimes {
    head: Duration,
    /// Most runs are of one send, for which nothing is allocated.
    rest: Vec<Duration>,
}

impl ThrottledTimes {
    /// From the sum of their lane, now and as it was when each of them came.
    pub(super) fn new(now: Duration, mut then: impl Iterator<Item = Duration>) -> Self {
        let waited = |then: Duration| now.saturating_sub(then);
        let head = then.next().map_or(Duration::ZERO, waited);
        Self { head, rest: then.map(waited).collect() }
    }

    /// The wait of each, in their order.
    pub(in crate::engine) fn each(&self) -> impl Iterator<Item = Duration> + Clone {
        std::iter::once(self.head).chain(self.rest.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = (Class::ToTopic, true);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_lane_is_held_while_its_queue_or_its_user_is_and_not_while_it_only_waits_for_its_turn() {
        let (mut held, mut lane) = (ThrottledQueues::default(), ThrottledTime::default());
        let start = Instant::now();
        let at = |second| start + seconds(second);
        held.hold(KIND, at(0));
        lane.queues(KIND, &held, at(2));
        assert_eq!(lane.at(&held, at(5)), seconds(3), "not what was before it came");
        // Asked again and again, it is held all the time.
        held.let_off(KIND, at(5));
        held.hold(KIND, at(5));
        held.let_off(KIND, at(7));
        assert_eq!(lane.at(&held, at(60)), seconds(5));
        lane.waits(&held, at(60));
        lane.queues(KIND, &held, at(61));
        held.hold(KIND, at(70));
        lane.goes(&held, at(71));
        assert_eq!(lane.at(&held, at(1000)), seconds(7));
    }

    #[test]
    fn what_came_later_was_held_for_less() {
        let waits = ThrottledTimes::new(seconds(10), [0, 4, 10].map(seconds).into_iter());
        assert_eq!(waits.each().collect::<Vec<_>>(), [10, 6, 0].map(seconds));
        assert_eq!(ThrottledTimes::new(seconds(10), std::iter::empty()).each().count(), 1);
    }
}
