//! What was measured, beside its bounds.

use std::{fmt, time::Duration};

/// The time from writing a message to its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wait {
    pub(super) took: Duration,
    /// Whether the copy has arrived; otherwise `took` is the time that it has been missing.
    pub(super) ended: bool,
}

impl Wait {
    /// Whether the copy arrived within the bound.
    pub(super) fn is_below(self, bound: Duration) -> bool {
        self.ended && self.took < bound
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = if self.ended { "" } else { "> " };
        write!(formatter, "{more}{:.2}", self.took.as_secs_f64())
    }
}

/// Waits, sorted. A message that has not arrived counts as later than all that have.
#[derive(Debug, Default)]
pub(super) struct Waits(Vec<Wait>);

impl Waits {
    pub(super) fn of(waits: impl IntoIterator<Item = Wait>) -> Self {
        let mut waits: Vec<Wait> = waits.into_iter().collect();
        waits.sort_unstable_by_key(|wait| (!wait.ended, wait.took));
        Self(waits)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The wait that this share of all did not exceed: the smallest with at least this share at or below it.
    pub(super) fn percentile(&self, share: f64) -> Wait {
        let rank = (self.len() as f64 * share).ceil() as usize;
        self.0[rank.clamp(1, self.len()) - 1]
    }

    /// p50, p95, p99 and the longest, in seconds.
    pub(super) fn summary(&self) -> String {
        if self.0.is_empty() {
            return "none".to_owned();
        }
        let shares = [0.5, 0.95, 0.99, 1.0].map(|share| self.percentile(share).to_string());
        shares.join(" / ")
    }
}

/// A line of the report.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) what: String,
    /// The bound in words; empty without a bound.
    pub(super) bound: &'static str,
    pub(super) measured: String,
    /// Whether the bound was kept.
    pub(super) kept: bool,
}

impl Row {
    /// A row with a bound.
    pub(super) fn bounded(
        what: impl Into<String>,
        bound: &'static str,
        measured: impl Into<String>,
        kept: bool,
    ) -> Self {
        Self { what: what.into(), bound, measured: measured.into(), kept }
    }

    /// A row that only informs.
    pub(super) fn plain(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self::bounded(what, "", measured, true)
    }
}

/// What a scenario has measured.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) rows: Vec<Row>,
    /// Operators' answers, from writing to the copy in the user's chat.
    pub(super) answers: Vec<Wait>,
    /// Calls that were answered `429`.
    pub(super) refused: u64,
}
