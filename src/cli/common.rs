//! Shared by several subcommands: the async runtime, and the printed form of findings and of counts of records.

use crate::cli::output::outln;
use domain::Grade;
use ports::RecordCounts;

/// The runtime for everything asynchronous.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Prints what a check has found: its grade, what is so, and what to do.
pub(super) fn print_finding(grade: Grade, what: &str, remedy: Option<&str>, in_colour: bool) {
    let (mark, colour) = match grade {
        Grade::Ok => ("ok  ", 32),
        Grade::Warn => ("warn", 33),
        Grade::Fail => ("FAIL", 31),
    };
    let mark = if in_colour { format!("\u{1b}[{colour}m{mark}\u{1b}[0m") } else { mark.to_owned() };
    outln!("{mark}  {}", what.replace('\n', "\n      "));
    if let Some(remedy) = remedy {
        outln!("      -> {remedy}");
    }
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
