//! What the desk does while everything breaks is written down as its Telegram sees it, and judged by a checker of its own.

#![expect(
    clippy::print_stdout,
    reason = "figures and where a history is kept are seen with a failure, or by --no-capture"
)]

mod recorder;
mod rounds;
mod stage;
