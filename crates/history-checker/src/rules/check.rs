//! The verdict over all promises.

use super::{destinations, losses, numbers, order, repeats};
use crate::{Entry, Figures, Side, Verdict, history::History};

/// Checks a history. Equal histories get equal verdicts.
pub fn check(entries: &[Entry]) -> Verdict {
    let (history, mut violations) = History::index(entries);
    let mut figures = figures(&history);
    // The contradictions of a malformed history would look like the desk's mistakes.
    if violations.is_empty() {
        violations.extend(losses::check(&history, &mut figures));
        violations.extend(order::check(&history));
        violations.extend(destinations::check(&history));
        violations.extend(numbers::check(&history));
        violations.extend(repeats::check(&history, &mut figures));
    }
    violations.sort_by_key(|violation| violation.entries().first().copied());
    Verdict { figures, violations }
}

fn figures(history: &History) -> Figures {
    let count = |length: usize| length as u64;
    let mut figures = Figures {
        messages: count(history.messages.len()),
        delivered: count(history.messages.iter().filter(|one| !one.deliveries.is_empty()).count()),
        calls: count(history.calls.len()),
        topics: count(history.topics.len()),
        ..Figures::default()
    };
    let given = |side, any: bool| side == Side::ToNumber && any;
    figures.numbers = count(
        history.messages.iter().filter(|one| given(one.side, !one.deliveries.is_empty())).count(),
    );
    for fault in &history.faults {
        *figures.faults.entry(fault.kind).or_default() += 1;
    }
    figures
}
