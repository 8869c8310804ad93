//! Everything breaks while the simulated Telegram records what the desk does, and a separate checker judges the
//! history.

#![expect(
    clippy::print_stdout,
    reason = "figures and where a history is kept are seen with a failure, or by --no-capture"
)]

mod recorder;
mod rounds;
mod stage;
