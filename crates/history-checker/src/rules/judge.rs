//! The verdict over all promises.

use super::{losses, numbers, order, places, repeats};
use crate::{Entry, Figures, Side, Verdict, story::Story};

/// Judges a history. Equal histories get equal verdicts.
pub fn judge(entries: &[Entry]) -> Verdict {
    let (story, mut violations) = Story::of(entries);
    let mut figures = counted(&story);
    // A contradictory history would be blamed on the desk.
    if violations.is_empty() {
        violations.extend(losses::judge(&story, &mut figures));
        violations.extend(order::judge(&story));
        violations.extend(places::judge(&story));
        violations.extend(numbers::judge(&story));
        violations.extend(repeats::judge(&story, &mut figures));
    }
    violations.sort_by_key(|violation| violation.entries().first().copied());
    Verdict { figures, violations }
}

fn counted(story: &Story) -> Figures {
    let count = |length: usize| length as u64;
    let mut figures = Figures {
        messages: count(story.messages.len()),
        delivered: count(story.messages.iter().filter(|one| !one.deliveries.is_empty()).count()),
        calls: count(story.calls.len()),
        topics: count(story.topics.len()),
        ..Figures::default()
    };
    let given = |side, any: bool| side == Side::ToNumber && any;
    figures.numbers = count(
        story.messages.iter().filter(|one| given(one.side, !one.deliveries.is_empty())).count(),
    );
    for fault in &story.faults {
        *figures.faults.entry(fault.kind).or_default() += 1;
    }
    figures
}
