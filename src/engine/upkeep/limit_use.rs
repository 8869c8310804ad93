//! Measures how much of the group's limit is used.
//!
//! Once a period, the slots used in that period are noted; the notes of the last hour, or of the time since the start,
//! tell the share. Where several processes share the limit, the store tells what all of them have used.

use std::{collections::VecDeque, future::pending, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::{
    engine::Desk,
    telemetry::{StoreOperation, limit, limit::Fullness},
};
use domain::{LimitUse, Limits, Room};

/// Measures and reports the use of the limit. Never returns.
pub(super) async fn measure(desk: &Desk) {
    let limits = desk.settings.pacing;
    let (limit, period) = (limits.group as usize, limits.group_period);
    if limit == 0 || period.is_zero() {
        return pending().await;
    }
    let mut minutes = Uses::new(limit, period);
    let mut tick = interval_at(Instant::now() + period, period);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let used = minutes.add(used(desk, limit).await);
        desk.overview.limit_used(used);
        let leads = desk.store.leading().now_or_never().is_some();
        limit::used(&desk.metrics, f64::from(used.percent) / 100.0, fullness(used, leads));
    }
}

/// The slots used in the last period.
async fn used(desk: &Desk, limit: usize) -> usize {
    if desk.store.shares_limits() {
        let remaining = desk.store.remaining(desk.settings.pacing.shared());
        let remaining = desk.stored(StoreOperation::Read, remaining).await;
        if let Ok(Limits { group: Some(Room::Left { left, .. }), .. }) = remaining {
            return limit.saturating_sub(usize::try_from(left).unwrap_or(limit));
        }
    }
    desk.overview.slots_used()
}

/// Of several processes, all see the same; the one that leads tells that the limit is full.
fn fullness(used: LimitUse, leads: bool) -> Fullness {
    if used.is_full() {
        if leads { Fullness::Full } else { Fullness::Between }
    } else if used.is_roomy() {
        Fullness::Roomy
    } else {
        Fullness::Between
    }
}

/// The slots used in each period of the last hour.
#[derive(Debug)]
struct Uses {
    limit: usize,
    period: Duration,
    used: VecDeque<usize>,
    sum: usize,
}

impl Uses {
    fn new(limit: usize, period: Duration) -> Self {
        Self { limit, period, used: VecDeque::new(), sum: 0 }
    }

    /// Adds the slots of the period that has just ended. Returns the use of the last hour.
    fn add(&mut self, used: usize) -> LimitUse {
        let periods = LimitUse::HOUR.as_millis().div_ceil(self.period.as_millis().max(1));
        while self.used.len() as u128 >= periods {
            self.sum -= self.used.pop_front().unwrap_or_default();
        }
        let used = used.min(self.limit);
        self.used.push_back(used);
        self.sum += used;
        let all = self.used.len() * self.limit;
        let percent = u32::try_from(self.sum * 100 / all.max(1)).unwrap_or(100);
        let periods = u32::try_from(self.used.len()).unwrap_or(u32::MAX);
        LimitUse { percent, over: self.period.saturating_mul(periods).min(LimitUse::HOUR) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn after(minutes: impl IntoIterator<Item = usize>) -> LimitUse {
        let mut uses = Uses::new(20, MINUTE);
        minutes.into_iter().map(|used| uses.add(used)).last().unwrap()
    }

    #[test]
    fn the_use_is_that_of_the_last_hour_or_since_the_start() {
        assert_eq!(after([20]), LimitUse { percent: 100, over: MINUTE });
        assert_eq!(after([20, 5]), LimitUse { percent: 62, over: MINUTE * 2 });
        let hour = LimitUse { percent: 50, over: LimitUse::HOUR };
        assert_eq!(after(vec![10; 60]), hour);
        assert_eq!(
            after([vec![20; 100], vec![10; 60]].concat()),
            hour,
            "what is older is forgotten"
        );
        assert_eq!(after([99]).percent, 100, "a limit that was lowered");
    }

    #[test]
    fn a_shorter_period_has_more_notes_in_an_hour() {
        let mut uses = Uses::new(20, MINUTE / 2);
        for _ in 0..120 {
            uses.add(20);
        }
        assert_eq!(uses.add(0), LimitUse { percent: 99, over: LimitUse::HOUR });
        assert_eq!(uses.used.len(), 120);
    }

    #[test]
    fn the_limit_is_full_after_an_hour_at_95_percent_and_roomy_again_below_80() {
        let minutes =
            |full: usize, used: usize| after([vec![20; full], vec![used; 60 - full]].concat());
        let told = |used| fullness(used, true);
        assert_eq!(told(after(vec![20; 59])), Fullness::Between, "not for an hour yet");
        assert_eq!(told(after(vec![19; 60])), Fullness::Full, "95 %");
        assert_eq!(told(minutes(50, 10)), Fullness::Between);
        assert_eq!(told(minutes(48, 0)), Fullness::Between, "80 %");
        assert_eq!(told(minutes(47, 0)), Fullness::Roomy);
        assert_eq!(fullness(after(vec![20; 60]), false), Fullness::Between, "another tells");
    }
}
