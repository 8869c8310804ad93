//! Shared by several subcommands: the async runtime, and the printed counts of records.

use ports::RecordCounts;

/// The runtime for everything asynchronous.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Prints the count of each kind.
pub(super) fn print_counts(counts: &RecordCounts) {
    let RecordCounts { conversations, links, known, updates, sends, dead } = counts;
    println!("  conversations          {conversations}");
    println!("  pairs of messages      {links}");
    println!("  updates known          {known}");
    println!("  updates undecided      {updates}");
    println!("  sends waiting          {sends}");
    println!("  dead letters           {dead}");
}
