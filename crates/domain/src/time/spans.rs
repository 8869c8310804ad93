//! Stretches of time, as few as possible.

use std::time::Duration;

use crate::Millis;

/// Spans that are kept; of more, the oldest are forgotten.
const SPANS_LIMIT: usize = 512;
/// Spans with a shorter gap between them are one.
const JOINED_GAP: Duration = Duration::from_secs(1);

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: Millis,
    /// Its end, not before `from`.
    pub to: Millis,
}

/// Stretches of time in order, with gaps between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Span>);

impl Spans {
    /// Adds a stretch, and joins it with those that it nearly touches. One that ends before it begins is ignored:
    /// the clock was set back.
    pub fn add(&mut self, mut span: Span) {
        if span.to < span.from {
            return;
        }
        let first = self.0.partition_point(|other| other.to.plus(JOINED_GAP) < span.from);
        let behind = self.0.partition_point(|other| other.from <= span.to.plus(JOINED_GAP));
        for other in self.0.drain(first..behind.max(first)) {
            span = Span { from: span.from.min(other.from), to: span.to.max(other.to) };
        }
        self.0.insert(first, span);
        let surplus = self.0.len().saturating_sub(SPANS_LIMIT);
        self.0.drain(..surplus);
    }

    /// How much of the time between two moments the spans cover.
    pub fn within(&self, from: Millis, to: Millis) -> Duration {
        let first = self.0.partition_point(|span| span.to <= from);
        let ours = self.0[first..].iter().take_while(|span| span.from < to);
        ours.map(|span| span.to.min(to).since(span.from.max(from))).sum()
    }

    /// The spans that end after a moment, oldest first.
    pub fn ending_after(&self, moment: Millis) -> impl Iterator<Item = Span> {
        let first = self.0.partition_point(|span| span.to <= moment);
        self.0[first..].iter().copied()
    }
}

impl Extend<Span> for Spans {
    fn extend<T: IntoIterator<Item = Span>>(&mut self, spans: T) {
        for span in spans {
            self.add(span);
        }
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Self {
        let mut all = Self::default();
        all.extend(spans);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A span between two seconds.
    fn span(from: i64, to: i64) -> Span {
        Span { from: Millis(from * 1000), to: Millis(to * 1000) }
    }

    fn spans(all: &[(i64, i64)]) -> Spans {
        all.iter().map(|(from, to)| span(*from, *to)).collect()
    }

    fn within(spans: &Spans, from: i64, to: i64) -> u64 {
        spans.within(Millis(from * 1000), Millis(to * 1000)).as_secs()
    }

    #[test]
    fn only_what_is_covered_counts_once() {
        let spans = spans(&[(30, 40), (10, 20), (15, 22), (60, 70)]);
        assert_eq!(spans, [span(10, 22), span(30, 40), span(60, 70)].into_iter().collect());
        for (from, to, covered) in [
            (0, 100, 32),
            (12, 35, 15),
            (22, 30, 0),
            (41, 59, 0),
            (65, 66, 1),
            (80, 90, 0),
            (20, 10, 0),
        ] {
            assert_eq!(within(&spans, from, to), covered, "{from} to {to}");
        }
    }

    #[test]
    fn a_span_that_grows_stays_one_and_a_clock_set_back_adds_nothing() {
        let mut spans = Spans::default();
        for end in 10..20 {
            spans.add(span(10, end));
        }
        spans.add(span(20, 25));
        spans.add(span(50, 40));
        assert_eq!(spans.ending_after(Millis(0)).collect::<Vec<_>>(), [span(10, 25)]);
        assert_eq!(spans.ending_after(Millis(25_000)).count(), 0);
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let many: Vec<_> = (0..1000).map(|i| (i * 10, i * 10 + 5)).collect();
        let spans = spans(&many);
        assert_eq!(spans.ending_after(Millis(0)).count(), SPANS_LIMIT);
        assert_eq!((within(&spans, 0, 10), within(&spans, 9990, 9995)), (0, 5));
    }
}
