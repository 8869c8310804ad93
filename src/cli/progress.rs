//! Shows the progress of a long operation on standard error: a line that changes on a terminal, a line every few
//! seconds elsewhere.

use std::{
    io::{self, IsTerminal as _},
    time::{Duration, Instant},
};

use ports::{Record, Snapshot};

use super::output::print_error;

/// Number of items below which nothing is shown: they take no time.
const MIN_ITEMS: u64 = 1_000;
/// Minimum interval between two lines, and between two changes of a line on a terminal.
const INTERVALS: [Duration; 2] = [Duration::from_secs(2), Duration::from_millis(100)];
/// Time in which nothing is shown: most operations end within it.
const QUIET: Duration = Duration::from_secs(1);
/// Width of a bar, in characters.
const BAR: usize = 24;

/// The progress of a long operation.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    what: &'static str,
    total: Option<u64>,
    is_terminal: bool,
    began: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// Starts at zero. `total` is the number of items, if it is known.
    pub(in crate::cli) fn new(what: &'static str, total: Option<u64>) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self { what, total, is_terminal, began: Instant::now(), shown: None }
    }

    /// Reports that this number of items is done.
    pub(in crate::cli) fn report(&mut self, done: u64) {
        if let Some(text) = self.text(done, Instant::now()) {
            print_error(format_args!("{text}"));
        }
    }

    /// What to show, if something is due.
    fn text(&mut self, done: u64, now: Instant) -> Option<String> {
        let since = |at| now.saturating_duration_since(at);
        let is_early = since(self.began) < QUIET
            || self.shown.is_some_and(|at| since(at) < INTERVALS[usize::from(self.is_terminal)]);
        if done < MIN_ITEMS || is_early || self.total == Some(done) {
            return None;
        }
        self.shown = Some(now);
        let what = self.what;
        Some(match (self.is_terminal, self.total) {
            (true, Some(total)) => {
                format!("\r\u{1b}[K{what}: {} {done} of {total}", bar(done, total))
            }
            (true, None) => format!("\r\u{1b}[K{what}: {done}"),
            (false, Some(total)) => format!("{what}: {done} of {total}\n"),
            (false, None) => format!("{what}: {done}\n"),
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_terminal && self.shown.is_some() {
            print_error(format_args!("\r\u{1b}[K"));
        }
    }
}

fn bar(done: u64, total: u64) -> String {
    let part = done.min(total).saturating_mul(BAR as u64) / total.max(1);
    let full = usize::try_from(part).unwrap_or(BAR);
    format!("[{}{}]", "#".repeat(full), " ".repeat(BAR - full))
}

/// A snapshot whose reading is shown.
pub(in crate::cli) struct Shown<'s, E> {
    pub(in crate::cli) snapshot: &'s mut dyn Snapshot<Error = E>,
    pub(in crate::cli) progress: Progress,
    /// Number of records read.
    pub(in crate::cli) done: u64,
}

impl<'s, E> Shown<'s, E> {
    pub(in crate::cli) fn new(
        what: &'static str,
        total: Option<u64>,
        snapshot: &'s mut dyn Snapshot<Error = E>,
    ) -> Self {
        Self { snapshot, progress: Progress::new(what, total), done: 0 }
    }
}

#[ports::async_trait]
impl<E: std::error::Error + Send + Sync + 'static> Snapshot for Shown<'_, E> {
    type Error = E;

    async fn page(&mut self) -> Result<Vec<Record>, E> {
        let page = self.snapshot.page().await?;
        self.done += page.len() as u64;
        self.progress.report(self.done);
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(total: Option<u64>, is_terminal: bool) -> Progress {
        Progress { is_terminal, ..Progress::new("users", total) }
    }

    #[test]
    fn many_items_show_a_line_every_two_seconds() {
        let (mut progress, begun) = (progress(Some(9_000), false), Instant::now());
        let mut at = |done, millis| progress.text(done, begun + Duration::from_millis(millis));
        assert_eq!(at(999, 9_000), None);
        assert_eq!(at(2_000, 900), None, "the first second is quiet");
        assert_eq!(at(1_000, 9_000).as_deref(), Some("users: 1000 of 9000\n"));
        assert_eq!(at(4_000, 10_900), None);
        assert_eq!(at(5_000, 11_000).as_deref(), Some("users: 5000 of 9000\n"));
        assert_eq!(at(9_000, 20_000), None, "the report has the final number");
    }

    #[test]
    fn on_a_terminal_one_line_changes() {
        let (mut bar, now) = (progress(Some(8_000), true), Instant::now() + QUIET);
        let shown = bar.text(2_000, now);
        assert_eq!(
            shown.as_deref(),
            Some("\r\u{1b}[Kusers: [######                  ] 2000 of 8000")
        );
        assert_eq!(bar.text(2_001, now), None);
        let shown = progress(None, true).text(7_000, now + QUIET);
        assert_eq!(shown.as_deref(), Some("\r\u{1b}[Kusers: 7000"));
    }
}
