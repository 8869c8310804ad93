//! Real failures: nothing is lost, and the error says clearly what is wrong.

#![expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "metrics are counts, and small")]
#![expect(
    clippy::print_stdout,
    reason = "seeds, accounts and skipped tests, shown on failure or with --no-capture"
)]

mod disk;
mod flood;
mod fuzz;
mod kills;
mod memory;
mod outage;
mod standstill;
mod stuck;
mod pace;
mod poison;
mod webhook;
mod tracker;

pub(crate) use disk::SmallDisk;
pub(crate) use fuzz::seeds;
