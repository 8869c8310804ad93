//! The exit codes, which mean the same for every command.

use std::process::ExitCode;

/// Why the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Exit {
    /// Wrong usage: clap uses the same code.
    Usage = 2,
    /// `run` was stopped before everything was finished.
    Unfinished = 4,
    /// `setup` was interrupted by Ctrl-C or another signal.
    Interrupted = 130,
    /// Whoever read the output has gone: what a shell reports for SIGPIPE.
    ReaderGone = 141,
}

impl From<Exit> for i32 {
    fn from(exit: Exit) -> Self {
        exit as Self
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An argument that cannot be used. Nothing was done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::cli) struct UsageError(pub(in crate::cli) String);

/// What `--help` says after the list of commands.
pub(in crate::cli) const HELP: &str = "\
Settings come from the environment and from the file .env; .env.example names them all.

Exit codes:
  0    it did what it should; run: stopped cleanly
  1    it failed, or a check failed; the reason is on standard error
  2    wrong usage: an unknown command or option, or an argument that cannot be used
  3    run ended itself because one of its loops stood still
  4    run was stopped before everything was finished; the rest resumes at the next start
  130  setup was interrupted, as by Ctrl-C
  141  the output was not read to its end, as in doctor | head";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::STOOD_STILL;

    #[test]
    fn the_help_names_every_code() {
        let codes: Vec<i32> =
            HELP.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
        let ours = [Exit::Usage, Exit::Unfinished, Exit::Interrupted, Exit::ReaderGone];
        let [usage, unfinished, interrupted, gone] = ours.map(i32::from);
        assert_eq!(codes, [0, 1, usage, STOOD_STILL, unfinished, interrupted, gone]);
    }
}
