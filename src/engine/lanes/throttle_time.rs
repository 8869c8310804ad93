//! Measures how long Telegram's limits hold sends, apart from the time that the desk itself takes.
//!
//! A lane adds up how long a full or frozen bucket has held its head. A send remembers this sum as of its arrival;
//! the increase since then is the time that the send was held, at the head or behind it. A limit that is shared holds
//! whole queues of lanes at once, so each queue has a clock. Lanes read it when they enter and leave the queue.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use domain::Class;

/// A queue of ready lanes: their class, and whether they send to the group.
pub(in crate::engine) type Kind = (Class, bool);

/// How long each queue has been held.
#[derive(Debug, Default)]
pub(in crate::engine) struct ThrottledQueues(HashMap<Kind, QueueClock>);

/// A clock that adds up the time while it runs.
#[derive(Debug, Default, Clone, Copy)]
struct QueueClock {
    sum: Duration,
    since: Option<Instant>,
}

impl ThrottledQueues {
    /// Starts the clock: a limit holds the queue.
    pub(in crate::engine) fn hold(&mut self, kind: Kind, now: Instant) {
        self.0.entry(kind).or_default().since.get_or_insert(now);
    }

    /// Stops the clock: as far as is known, no limit holds the queue.
    pub(in crate::engine) fn let_off(&mut self, kind: Kind, now: Instant) {
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

/// How long a lane has been held since it was created.
#[derive(Debug, Default)]
pub(in crate::engine) struct ThrottledTime {
    sum: Duration,
    by: ThrottledBy,
}

/// The limit that may hold a lane now.
#[derive(Debug, Default, Clone, Copy)]
enum ThrottledBy {
    #[default]
    Nothing,
    /// The limit of its user, since this time.
    User(Instant),
    /// The limit on its queue, which had been held for this long when the lane came.
    Queue(Kind, Duration),
}

impl ThrottledTime {
    /// The total until now.
    pub(in crate::engine) fn at(&self, held: &ThrottledQueues, now: Instant) -> Duration {
        let more = match self.by {
            ThrottledBy::Nothing => Duration::ZERO,
            ThrottledBy::User(since) => now.saturating_duration_since(since),
            ThrottledBy::Queue(kind, before) => held.at(kind, now).saturating_sub(before),
        };
        self.sum + more
    }

    /// The lane waits in a queue.
    pub(in crate::engine) fn queues(&mut self, kind: Kind, held: &ThrottledQueues, now: Instant) {
        self.goes(held, now);
        self.by = ThrottledBy::Queue(kind, held.at(kind, now));
    }

    /// The limit of its user holds the lane.
    pub(in crate::engine) fn waits(&mut self, held: &ThrottledQueues, now: Instant) {
        self.goes(held, now);
        self.by = ThrottledBy::User(now);
    }

    /// No limit holds the lane.
    pub(in crate::engine) fn goes(&mut self, held: &ThrottledQueues, now: Instant) {
        *self = Self { sum: self.at(held, now), by: ThrottledBy::Nothing };
    }
}

/// How long the sends of a batch were held. The sends behind the head came later.
#[derive(Debug, Default, Clone)]
pub(in crate::engine) struct ThrottledTimes {
    head: Duration,
    /// Most batches have one send; then nothing is allocated.
    rest: Vec<Duration>,
}

impl ThrottledTimes {
    /// From the lane's total now and its total when each send came.
    pub(in crate::engine) fn new(now: Duration, mut then: impl Iterator<Item = Duration>) -> Self {
        let waited = |then: Duration| now.saturating_sub(then);
        let head = then.next().map_or(Duration::ZERO, waited);
        Self { head, rest: then.map(waited).collect() }
    }

    /// The wait of each send, in order.
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
        assert_eq!(lane.at(&held, at(5)), seconds(3), "not the time before it came");
        // The queue is stopped and held again at once: it counts as held all the time.
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
