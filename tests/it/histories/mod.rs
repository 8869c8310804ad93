//! Causes faults while the simulated Telegram records the desk's behaviour. A separate program checks the history.

#![expect(
    clippy::print_stdout,
    reason = "figures and paths of saved histories, shown on failure or with --no-capture"
)]

mod recorder;
mod rounds;
mod stage;
