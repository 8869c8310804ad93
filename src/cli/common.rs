//! Shared by several subcommands: the async runtime, and the printed counts of records.

use crate::cli::output::outln;
use ports::RecordCounts;

/// The runtime for everything asynchronous.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Prints the count of each kind.
pub(super) fn print_counts(counts: &RecordCounts) {
    let RecordCounts { conversations, links, known, updates, sends, dead } = counts;
    outln!("  conversations          {conversations}");
    outln!("  pairs of messages      {links}");
    outln!("  updates known          {known}");
    outln!("  updates undecided      {updates}");
    outln!("  sends waiting          {sends}");
    outln!("  dead letters           {dead}");
}

/// The number of all records.
pub(super) fn total(counts: &RecordCounts) -> u64 {
    let RecordCounts { conversations, links, known, updates, sends, dead } = counts;
    // The facts about the desk are a record as well.
    1 + conversations + links + known + updates + sends + dead
}
