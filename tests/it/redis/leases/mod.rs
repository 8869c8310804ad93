//! Partitions change their process: leases, their takeover, and clocks that differ.

mod clocks;
mod restart;
mod takeover;
