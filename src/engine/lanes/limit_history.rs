//! When the group's limit made sends wait, on the wall clock: in this run, and in earlier ones and other processes.
//!
//! The clocks of `throttle_time` begin with this process. For a send that waits since before that, only what was recorded
//! in the store says which part of its wait was the limit's. Times at which nobody recorded anything, because no
//! process ran, count as the desk's own.

use std::time::Duration;

use domain::{Millis, Span, Spans};

/// How long a recorded span is kept: a send that waits longer has not waited for the limit alone.
pub(in crate::engine) const KEPT: Duration = Duration::from_hours(24);

/// The spans in which sends to the group waited for its limit.
#[derive(Debug, Default)]
pub(in crate::engine) struct LimitHistory {
    spans: Spans,
    /// Since when sends wait for the limit now.
    since: Option<Millis>,
    /// All spans up to this moment were handed out to be recorded.
    recorded: Millis,
}

impl LimitHistory {
    /// Sends wait for the limit now, or do not.
    pub(in crate::engine) fn mark(&mut self, waits: bool, wall: Millis) {
        match (waits, self.since) {
            (true, None) => self.since = Some(wall),
            (false, Some(from)) => {
                self.spans.add(Span { from, to: wall });
                self.since = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Adds spans that were recorded in the store.
    pub(in crate::engine) fn learn(&mut self, spans: Vec<Span>) {
        self.spans.extend(spans);
    }

    /// How long the limit made a send wait that has waited since a moment.
    pub(in crate::engine) fn within(&self, from: Millis, wall: Millis) -> Duration {
        let now = self.since.map_or(Duration::ZERO, |since| wall.since(since.max(from)));
        self.spans.within(from, wall) + now
    }

    /// The spans that have begun or grown since the last call.
    pub(in crate::engine) fn take_unrecorded(&mut self, wall: Millis) -> Vec<Span> {
        if let Some(from) = self.since {
            self.spans.add(Span { from, to: wall });
            self.since = Some(wall);
        }
        let spans = self.spans.ending_after(self.recorded).collect();
        self.recorded = wall;
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(second: i64) -> Millis {
        Millis(second * 1000)
    }

    fn span(from: i64, to: i64) -> Span {
        Span { from: at(from), to: at(to) }
    }

    #[test]
    fn the_wait_before_a_restart_is_the_limits_as_far_as_it_was_recorded() {
        let mut before = LimitHistory::default();
        before.mark(true, at(10));
        assert_eq!(before.take_unrecorded(at(20)), [span(10, 20)]);
        assert_eq!(before.take_unrecorded(at(30)), [span(10, 30)], "the same span, grown");
        // The process is gone from 30 to 90.
        let mut after = LimitHistory::default();
        after.learn(vec![span(10, 30)]);
        after.mark(true, at(90));
        assert_eq!(after.within(at(0), at(100)), SECOND * 30);
        assert_eq!(after.within(at(25), at(95)), SECOND * 10);
        assert_eq!(after.within(at(95), at(100)), SECOND * 5);
        after.mark(false, at(100));
        assert_eq!(after.within(at(0), at(200)), SECOND * 30);
    }

    #[test]
    fn what_has_not_changed_is_not_recorded_again() {
        let mut history = LimitHistory::default();
        history.mark(true, at(1));
        history.mark(false, at(2));
        assert_eq!(history.take_unrecorded(at(3)), [span(1, 2)]);
        assert_eq!(history.take_unrecorded(at(4)), []);
        history.mark(true, at(10));
        history.mark(false, at(12));
        assert_eq!(history.take_unrecorded(at(13)), [span(10, 12)]);
    }
}
