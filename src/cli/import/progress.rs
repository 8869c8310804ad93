//! Prints progress to stderr.

use std::time::{Duration, Instant};

/// Number of items below which no progress is printed.
const MANY: usize = 1_000;
/// Minimum interval between two lines.
const PAUSE: Duration = Duration::from_secs(2);

/// The progress of a long operation.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    of: Option<usize>,
    said: Option<Instant>,
}

impl Progress {
    /// Starts at zero. `of` is the total number, if it is known.
    pub(super) fn of(what: &'static str, of: Option<usize>) -> Self {
        Self { what, of, said: None }
    }

    /// Reports that this number of items is done.
    pub(super) fn at(&mut self, done: usize) {
        if let Some(line) = self.line(done, Instant::now()) {
            eprintln!("{line}");
        }
    }

    /// The line to print, if one is due.
    fn line(&mut self, done: usize, now: Instant) -> Option<String> {
        let quiet = self.said.is_some_and(|said| now.saturating_duration_since(said) < PAUSE);
        if done < MANY || quiet || self.of == Some(done) {
            return None;
        }
        self.said = Some(now);
        let of = self.of.map(|of| format!(" of {of}")).unwrap_or_default();
        Some(format!("{}: {done}{of}", self.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_not_worth_a_line_and_many_are_worth_one_every_two_seconds() {
        let (mut progress, begun) = (Progress::of("users", Some(9_000)), Instant::now());
        let mut at = |done, millis| progress.line(done, begun + Duration::from_millis(millis));
        assert_eq!(at(999, 9_000), None);
        assert_eq!(at(1_000, 9_000).as_deref(), Some("users: 1000 of 9000"));
        assert_eq!(at(4_000, 10_900), None);
        assert_eq!(at(5_000, 11_000).as_deref(), Some("users: 5000 of 9000"));
        assert_eq!(at(9_000, 20_000), None, "the report has the final number");
        let mut endless = Progress::of("users", None);
        assert_eq!(endless.line(2_000, begun).as_deref(), Some("users: 2000"));
    }
}
