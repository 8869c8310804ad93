//! Measures how long Telegram's limits delay sends, apart from the time that the desk itself takes.
//!
//! A lane adds up how long a full or frozen bucket has throttled its head. A send remembers this sum as of its arrival;
//! the increase since then is the time that the send was throttled, at the head or behind it. A limit that is shared throttles
//! whole queues of lanes at once, so each queue has a clock. Lanes read it when they enter and leave the queue.

use std::time::Duration;

use tokio::time::Instant;

use domain::Class;

use super::destination::{ByDestination, Destination};

/// A queue of ready lanes: their class, and where they send to.
pub(in crate::engine) type QueueKind = (Class, Destination);

/// How long each queue has been throttled.
#[derive(Debug, Default)]
pub(in crate::engine) struct ThrottledQueues(ByDestination<[QueueClock; Class::ALL.len()]>);

/// A clock that adds up the time while it runs.
#[derive(Debug, Default, Clone, Copy)]
struct QueueClock {
    sum: Duration,
    since: Option<Instant>,
}

impl ThrottledQueues {
    /// Starts the clock: a limit throttles the queue.
    pub(in crate::engine) fn start(&mut self, kind: QueueKind, now: Instant) {
        self.of(kind).since.get_or_insert(now);
    }

    /// Stops the clock: as far as is known, no limit throttles the queue.
    pub(in crate::engine) fn stop(&mut self, kind: QueueKind, now: Instant) {
        let clock = self.of(kind);
        *clock = QueueClock { sum: clock.at(now), since: None };
    }

    /// Stops the clocks of all queues of groups.
    pub(super) fn stop_groups(&mut self, now: Instant) {
        for clock in self.0.groups_mut().flatten().filter(|clock| clock.since.is_some()) {
            *clock = QueueClock { sum: clock.at(now), since: None };
        }
    }

    fn at(&self, (class, place): QueueKind, now: Instant) -> Duration {
        self.0.get(place).map_or(Duration::ZERO, |clocks| clocks[class as usize].at(now))
    }

    fn of(&mut self, (class, place): QueueKind) -> &mut QueueClock {
        &mut self.0.of(place)[class as usize]
    }
}

impl QueueClock {
    fn at(&self, now: Instant) -> Duration {
        self.sum + self.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

/// How long a lane has been throttled since it was created.
#[derive(Debug, Default)]
pub(in crate::engine) struct ThrottledTime {
    sum: Duration,
    by: ThrottledBy,
}

/// The limit that may throttle a lane now.
#[derive(Debug, Default, Clone, Copy)]
enum ThrottledBy {
    #[default]
    Nothing,
    /// The limit of its user, since this time.
    User(Instant),
    /// The limit on its queue, which had been throttled for this long when the lane entered it.
    Queue(QueueKind, Duration),
}

impl ThrottledTime {
    /// The total until now.
    pub(in crate::engine) fn at(&self, queues: &ThrottledQueues, now: Instant) -> Duration {
        let more = match self.by {
            ThrottledBy::Nothing => Duration::ZERO,
            ThrottledBy::User(since) => now.saturating_duration_since(since),
            ThrottledBy::Queue(kind, before) => queues.at(kind, now).saturating_sub(before),
        };
        self.sum + more
    }

    /// The lane waits in a queue.
    pub(in crate::engine) fn enter_queue(
        &mut self,
        kind: QueueKind,
        queues: &ThrottledQueues,
        now: Instant,
    ) {
        self.stop(queues, now);
        self.by = ThrottledBy::Queue(kind, queues.at(kind, now));
    }

    /// The limit of its user throttles the lane.
    pub(in crate::engine) fn wait_for_user(&mut self, queues: &ThrottledQueues, now: Instant) {
        self.stop(queues, now);
        self.by = ThrottledBy::User(now);
    }

    /// No limit throttles the lane.
    pub(in crate::engine) fn stop(&mut self, queues: &ThrottledQueues, now: Instant) {
        *self = Self { sum: self.at(queues, now), by: ThrottledBy::Nothing };
    }
}

/// How long the sends of a batch were throttled. The sends behind the head arrived later.
#[derive(Debug, Default, Clone)]
pub(in crate::engine) struct ThrottledTimes {
    head: Duration,
    /// Most batches have one send; then nothing is allocated.
    others: Vec<Duration>,
    /// How long each send was held for its user, which is the user's own time; empty if none was.
    held: Vec<Duration>,
}

impl ThrottledTimes {
    /// Creates it from how long each send was throttled.
    pub(in crate::engine) fn new(mut each: impl Iterator<Item = Duration>) -> Self {
        let head = each.next().unwrap_or_default();
        Self { head, others: each.collect(), held: Vec::new() }
    }

    /// Adds how long each send was held for its user; nothing if none was.
    pub(super) fn and_held(self, held: Vec<Duration>) -> Self {
        Self { held, ..self }
    }

    /// How long each send was held for its user, in order; without an end.
    pub(in crate::engine) fn held(&self) -> impl Iterator<Item = Duration> + Clone {
        self.held.iter().copied().chain(std::iter::repeat(Duration::ZERO))
    }

    /// The wait of each send, in order.
    pub(in crate::engine) fn each(&self) -> impl Iterator<Item = Duration> + Clone {
        std::iter::once(self.head).chain(self.others.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::GroupKey;

    const KIND: QueueKind = (Class::Known, Destination::Group(GroupKey::FIRST));

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_lane_is_throttled_with_its_queue_or_its_user_and_not_while_it_waits_to_be_dispatched() {
        let (mut queues, mut lane) = (ThrottledQueues::default(), ThrottledTime::default());
        let start = Instant::now();
        let at = |second| start + seconds(second);
        queues.start(KIND, at(0));
        lane.enter_queue(KIND, &queues, at(2));
        assert_eq!(lane.at(&queues, at(5)), seconds(3), "not the time before it came");
        // The clock stops and starts again at once: the queue counts as throttled all the time.
        queues.stop(KIND, at(5));
        queues.start(KIND, at(5));
        queues.stop(KIND, at(7));
        assert_eq!(lane.at(&queues, at(60)), seconds(5));
        lane.wait_for_user(&queues, at(60));
        lane.enter_queue(KIND, &queues, at(61));
        queues.start(KIND, at(70));
        lane.stop(&queues, at(71));
        assert_eq!(lane.at(&queues, at(1000)), seconds(7));
    }
}
