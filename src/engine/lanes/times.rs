//! What the loaded sends of a lane have waited for: their user, Telegram's limits, or the desk itself.

use std::time::Duration;

use crate::telemetry::DELIVERY_TARGET;
use domain::Millis;
use ports::OutboxItem;

use super::{
    hold::Present,
    lane::{Arrived, Lane},
    lane_set::Lanes,
    limit_history::LimitHistories,
    throttle_time::{ThrottledQueues, ThrottledTimes},
};

/// The clocks of the limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct LimitClocks<'a> {
    pub queues: &'a ThrottledQueues,
    pub histories: &'a LimitHistories,
}

impl Lane {
    /// How long limits have throttled the first sends, and how long each of them was held.
    pub(super) fn throttled_times(
        &self,
        count: usize,
        clocks: LimitClocks<'_>,
        present: Present,
    ) -> ThrottledTimes {
        let limited = self.times_limited(clocks, present).take(count);
        ThrottledTimes::new(limited).and_held(self.times_held(count, present))
    }

    /// Number of loaded messages that have taken the desk longer than it may take. The time for which they were held
    /// for their user does not count.
    pub(super) fn late(&self, clocks: LimitClocks<'_>, present: Present) -> u64 {
        let is_late = |(item, limited): (&OutboxItem, Duration)| {
            let own = self.waits_since_written(item, present);
            let own = own.map(|since| present.wall.since(since).saturating_sub(limited));
            item.queued.effect.relay().is_some() && own.is_some_and(|own| own > DELIVERY_TARGET)
        };
        let times = self.loaded.iter().zip(self.times_limited(clocks, present));
        times.filter(|one| is_late(*one)).count() as u64
    }

    /// How long limits have made each loaded send wait. A hold is not part of it.
    fn times_limited(
        &self,
        LimitClocks { queues, histories }: LimitClocks<'_>,
        present: Present,
    ) -> impl Iterator<Item = Duration> {
        let throttled = self.throttled.at(queues, present.now);
        let group = self.group.unwrap_or_default();
        let waited = move |(item, arrived): (&OutboxItem, &Arrived)| {
            let since = self.waits_since_written(item, present).unwrap_or(present.wall);
            let before = arrived.read.map(|read| histories.within(group, since, read));
            before.unwrap_or(arrived.before) + throttled.saturating_sub(arrived.throttled)
        };
        self.loaded.iter().zip(&self.arrivals).map(waited)
    }

    /// Since when a send has been waiting for reasons other than its user: since it was written, if it was not held.
    fn waits_since_written(&self, item: &OutboxItem, present: Present) -> Option<Millis> {
        let since = self.hold.waits_since(item, present)?;
        Some(if since == item.queued.received { item.queued.since() } else { since })
    }
}

impl Lanes {
    /// The clocks of the limits.
    pub(super) fn limit_clocks(&self) -> LimitClocks<'_> {
        LimitClocks { queues: &self.throttled, histories: &self.limit_histories }
    }
}
