//! Prints progress to stderr.

use std::time::{Duration, Instant};

/// Number of items below which no progress is printed.
const MIN_ITEMS: usize = 1_000;
/// Minimum interval between two lines.
const MIN_INTERVAL: Duration = Duration::from_secs(2);

/// The progress of a long operation.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    total: Option<usize>,
    printed: Option<Instant>,
}

impl Progress {
    /// Starts at zero. `total` is the number of items, if it is known.
    pub(super) fn new(what: &'static str, total: Option<usize>) -> Self {
        Self { what, total, printed: None }
    }

    /// Reports that this number of items is done.
    pub(super) fn report(&mut self, done: usize) {
        if let Some(line) = self.line(done, Instant::now()) {
            eprintln!("{line}");
        }
    }

    /// The line to print, if one is due.
    fn line(&mut self, done: usize, now: Instant) -> Option<String> {
        let is_early =
            self.printed.is_some_and(|at| now.saturating_duration_since(at) < MIN_INTERVAL);
        if done < MIN_ITEMS || is_early || self.total == Some(done) {
            return None;
        }
        self.printed = Some(now);
        let of_total = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
        Some(format!("{}: {done}{of_total}", self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_items_print_a_line_every_two_seconds() {
        let (mut progress, begun) = (Progress::new("users", Some(9_000)), Instant::now());
        let mut at = |done, millis| progress.line(done, begun + Duration::from_millis(millis));
        assert_eq!(at(999, 9_000), None);
        assert_eq!(at(1_000, 9_000).as_deref(), Some("users: 1000 of 9000"));
        assert_eq!(at(4_000, 10_900), None);
        assert_eq!(at(5_000, 11_000).as_deref(), Some("users: 5000 of 9000"));
        assert_eq!(at(9_000, 20_000), None, "the report has the final number");
        let mut endless = Progress::new("users", None);
        assert_eq!(endless.line(2_000, begun).as_deref(), Some("users: 2000"));
    }
}
