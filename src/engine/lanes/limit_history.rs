//! When the group's limit made messages wait, on the wall clock: in this run, and in earlier ones and other processes.
//!
//! The clocks of `throttle_time` begin with this process. For a send that has waited since before that, only what was
//! recorded in the store says which part of its wait was the limit's. Times for which nothing was recorded, because no
//! process ran, count as the desk's own. The exception is a gap between two spans that is no longer than a period of the
//! limit: what was not sent in the gap is sent at once after it, so sends further back lose nothing.

use std::time::Duration;

use tokio::time::Instant;

use domain::{GroupKey, Millis, Span, Spans};

/// How long a recorded span is kept: a send that waits longer has not waited for the limit alone.
pub(in crate::engine) const KEPT: Duration = Duration::from_hours(24);
/// The longest gap left by a restart or a takeover that does not count as the desk's own: a period of
/// Telegram's limit of a group.
const BRIDGED: Duration = Duration::from_mins(1);
/// If nobody has looked for longer than this, the process itself stood still.
const LOOKED_EVERY: Duration = Duration::from_secs(3);

/// The history of each group, at the place of its number.
#[derive(Debug, Default)]
pub(in crate::engine) struct LimitHistories(Vec<LimitHistory>);

impl LimitHistories {
    /// That of a group.
    pub(in crate::engine) fn of(&mut self, group: GroupKey) -> &mut LimitHistory {
        let place = usize::from(group.number());
        if place >= self.0.len() {
            self.0.resize_with(place + 1, LimitHistory::default);
        }
        &mut self.0[place]
    }

    /// For how much of the time between two moments the limit of a group made messages wait.
    pub(super) fn within(&self, group: GroupKey, from: Millis, to: Millis) -> Duration {
        let history = self.0.get(usize::from(group.number()));
        history.map_or(Duration::ZERO, |history| history.within(from, to))
    }

    /// Messages to these groups wait for their limits now, and those to others do not.
    pub(in crate::engine) fn mark(&mut self, waiting: &[GroupKey], now: Instant, wall: Millis) {
        for group in waiting {
            self.of(*group).mark(true, now, wall);
        }
        for (number, history) in self.0.iter_mut().enumerate() {
            if !waiting.iter().any(|group| usize::from(group.number()) == number) {
                history.mark(false, now, wall);
            }
        }
    }

    /// The spans of the first group that have begun or grown since the last call. The store keeps only those: for what
    /// waits in other groups, a restart begins anew.
    pub(in crate::engine) fn take_unrecorded(&mut self, now: Instant, wall: Millis) -> Vec<Span> {
        let mut first = Vec::new();
        for (number, history) in self.0.iter_mut().enumerate() {
            let spans = history.take_unrecorded(now, wall);
            if number == usize::from(GroupKey::FIRST.number()) {
                first = spans;
            }
        }
        first
    }
}

/// The spans in which messages to one group waited for its limit.
#[derive(Debug, Default)]
pub(in crate::engine) struct LimitHistory {
    spans: Spans,
    /// The current span, if messages wait for the limit.
    current: Option<Current>,
    /// When the spans from the store end, until this process has a span of its own.
    learnt_until: Option<Millis>,
    /// All spans up to this moment were handed out to be recorded.
    recorded: Millis,
}

/// A span that has not ended.
#[derive(Debug, Clone, Copy)]
struct Current {
    from: Millis,
    /// Its end so far, on both clocks.
    to: Millis,
    seen: Instant,
}

impl LimitHistory {
    /// Messages wait for the limit now, or do not.
    pub(in crate::engine) fn mark(&mut self, waits: bool, now: Instant, wall: Millis) {
        self.look(now, wall);
        match (waits, self.current) {
            (true, None) => {
                let before = self.learnt_until.take().filter(|end| wall.since(*end) <= BRIDGED);
                let from = before.map_or(wall, |end| end.min(wall));
                self.current = Some(Current { from, to: wall, seen: now });
            }
            (false, Some(Current { from, to, .. })) => {
                self.spans.add(Span { from, to });
                self.current = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Adds spans that were recorded in the store.
    pub(in crate::engine) fn learn(&mut self, spans: Vec<Span>) {
        if self.current.is_none() {
            self.learnt_until = spans.iter().map(|span| span.to).max().max(self.learnt_until);
        }
        self.spans.extend(spans);
    }

    /// For how much of the time between two moments the limit made messages wait.
    pub(in crate::engine) fn within(&self, from: Millis, to: Millis) -> Duration {
        // If a part of the current span was recorded, it is among the others as well.
        let unrecorded = self.current.map_or(Duration::ZERO, |span| {
            let (from, to) = (from.max(span.from), to.min(span.to));
            to.since(from).saturating_sub(self.spans.within(from, to))
        });
        self.spans.within(from, to) + unrecorded
    }

    /// The spans that have begun or grown since the last call.
    pub(in crate::engine) fn take_unrecorded(&mut self, now: Instant, wall: Millis) -> Vec<Span> {
        self.look(now, wall);
        if let Some(Current { from, to, .. }) = self.current {
            self.spans.add(Span { from, to });
        }
        let spans = self.spans.ending_after(self.recorded).collect();
        self.recorded = self.recorded.max(wall);
        spans
    }

    /// Extends the current span until now, unless the process stood still meanwhile or the clock was set.
    fn look(&mut self, now: Instant, wall: Millis) {
        let Some(span) = &mut self.current else { return };
        let passed = now.saturating_duration_since(span.seen);
        if passed <= LOOKED_EVERY {
            (span.to, span.seen) = (span.to.plus(passed), now);
        } else {
            self.spans.add(Span { from: span.from, to: span.to });
            self.current = Some(Current { from: wall, to: wall, seen: now });
        }
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

    /// A history, and both clocks of its process.
    struct Run {
        history: LimitHistory,
        start: Instant,
        second: i64,
    }

    impl Run {
        /// A process that starts at this second.
        fn start(second: i64) -> Self {
            Self { history: LimitHistory::default(), start: Instant::now(), second }
        }

        fn now(&self, second: i64) -> Instant {
            self.start + SECOND * u32::try_from(second - self.second).unwrap()
        }

        fn mark(&mut self, waits: bool, second: i64) {
            self.history.mark(waits, self.now(second), at(second));
        }

        /// Looks each second until this one, as the sender does, and returns what is to be recorded then.
        fn until(&mut self, from: i64, to: i64) -> Vec<Span> {
            (from..=to).fold(Vec::new(), |_, second| {
                let spans = self.history.take_unrecorded(self.now(second), at(second));
                if second == to { spans } else { Vec::new() }
            })
        }

        fn within(&self, from: i64, to: i64) -> u64 {
            self.history.within(at(from), at(to)).as_secs()
        }
    }

    #[test]
    fn the_wait_before_a_restart_is_the_limits_as_far_as_it_was_recorded() {
        let mut before = Run::start(10);
        before.mark(true, 10);
        assert_eq!(before.until(10, 20), [span(10, 20)]);
        assert_eq!(before.until(21, 30), [span(10, 30)], "the same span, grown");
        // The process is gone for an hour.
        let mut after = Run::start(3630);
        after.history.learn(vec![span(10, 30)]);
        after.mark(true, 3630);
        after.until(3631, 3640);
        assert_eq!((after.within(0, 3640), after.within(25, 3635)), (30, 10));
        assert_eq!(after.within(3635, 3640), 5);
        after.mark(false, 3641);
        assert_eq!(after.within(0, 4000), 31);
    }

    #[test]
    fn a_short_gap_between_two_runs_at_the_limit_is_bridged_and_one_without_a_wait_behind_it_is_not()
     {
        let mut after = Run::start(38);
        after.history.learn(vec![span(10, 30)]);
        assert_eq!(after.within(0, 40), 20);
        after.mark(true, 40);
        after.until(41, 45);
        assert_eq!(after.within(0, 45), 35, "all the time since 10");
        after.mark(false, 46);
        after.mark(true, 60);
        after.until(61, 62);
        assert_eq!(after.within(46, 62), 2, "only the gap of the restart");
    }

    #[test]
    fn a_process_that_stood_still_and_a_clock_that_was_set_do_not_grow_a_span() {
        let mut run = Run::start(0);
        run.mark(true, 0);
        run.until(1, 10);
        assert_eq!(run.until(600, 601), [span(600, 601)], "stopped for ten minutes");
        assert_eq!(run.within(0, 601), 11);
        let (now, hour) = (run.now(602), at(602 + 3600));
        run.history.mark(true, now, hour);
        assert_eq!(run.history.within(at(0), hour).as_secs(), 12, "the clock is an hour ahead");
    }

    #[test]
    fn what_has_not_changed_is_not_recorded_again() {
        let mut run = Run::start(0);
        run.mark(true, 1);
        run.mark(false, 2);
        assert_eq!(run.until(3, 3), [span(1, 2)]);
        assert_eq!(run.until(4, 4), []);
        run.mark(true, 10);
        run.mark(false, 12);
        assert_eq!(run.until(13, 13), [span(10, 12)]);
    }
}
