//! Ways to corrupt a history.

use history_checker::{Entry, Event, Violation};

/// A corruption. `apply` returns the corrupted history, or `None` if it does not apply; `expected` recognises the
/// expected violation.
pub(crate) struct Corruption {
    pub(crate) name: &'static str,
    pub(crate) apply: fn(&[Entry], usize) -> Option<Vec<Entry>>,
    pub(crate) expected: fn(&Violation) -> bool,
}

/// All corruptions.
pub(crate) const CORRUPTIONS: &[Corruption] = &[
    Corruption { name: "a message nobody wrote", apply: unwritten, expected: malformed },
    Corruption { name: "a message written twice", apply: written_twice, expected: malformed },
    Corruption { name: "an update never handed out", apply: not_handed, expected: malformed },
    Corruption { name: "an update never confirmed", apply: not_confirmed, expected: unconfirmed },
    Corruption { name: "an update confirmed twice", apply: confirmed_twice, expected: malformed },
    Corruption { name: "a delivery that is missing", apply: undelivered, expected: lost },
    Corruption { name: "a delivery once more", apply: delivered_twice, expected: repeated },
    Corruption { name: "a delivery twice by one call", apply: doubled, expected: repeated },
    Corruption { name: "two deliveries swapped", apply: swapped, expected: disordered },
    Corruption {
        name: "two messages written the other way",
        apply: rewritten,
        expected: disordered,
    },
    Corruption { name: "a delivery elsewhere", apply: misplaced, expected: is_misplaced },
    Corruption { name: "a delivery before its update", apply: early, expected: is_early },
    Corruption { name: "a call that was not made", apply: uncalled, expected: malformed },
    Corruption { name: "a call made twice", apply: called_twice, expected: malformed },
    Corruption { name: "an answer that is missing", apply: unanswered, expected: is_unanswered },
    Corruption { name: "an answer twice", apply: answered_twice, expected: malformed },
    Corruption { name: "a topic that was not opened", apply: unopened, expected: is_misplaced },
    Corruption { name: "a topic once more", apply: reopened, expected: repeated },
    Corruption { name: "a second topic in use", apply: two_topics, expected: is_two_topics },
    Corruption { name: "a number of another's", apply: same_number, expected: number_twice },
    Corruption { name: "a number left out", apply: next_number, expected: number_skipped },
    Corruption { name: "a number that is missing", apply: unnumbered, expected: lost },
    Corruption { name: "no beginning", apply: no_beginning, expected: malformed },
    Corruption { name: "no end", apply: no_end, expected: malformed },
];

fn malformed(violation: &Violation) -> bool {
    matches!(violation, Violation::Malformed { .. })
}
fn unconfirmed(violation: &Violation) -> bool {
    matches!(violation, Violation::Unconfirmed { .. })
}
fn lost(violation: &Violation) -> bool {
    matches!(violation, Violation::Lost { .. })
}
fn repeated(violation: &Violation) -> bool {
    matches!(violation, Violation::Repeated { .. })
}
fn disordered(violation: &Violation) -> bool {
    matches!(violation, Violation::Disordered { .. })
}
fn is_misplaced(violation: &Violation) -> bool {
    matches!(violation, Violation::Misplaced { .. })
}
fn is_early(violation: &Violation) -> bool {
    matches!(violation, Violation::Early { .. })
}
fn is_unanswered(violation: &Violation) -> bool {
    matches!(violation, Violation::Unanswered { .. })
}
fn is_two_topics(violation: &Violation) -> bool {
    matches!(violation, Violation::TwoTopics { .. })
}
fn number_twice(violation: &Violation) -> bool {
    matches!(violation, Violation::DuplicateNumber { .. })
}
fn number_skipped(violation: &Violation) -> bool {
    matches!(violation, Violation::SkippedNumber { .. })
}

/// Chooses one of the matching entries.
fn choose(history: &[Entry], pick: usize, is: impl Fn(usize, &Event) -> bool) -> Option<usize> {
    let places = (0..history.len()).filter(|at| is(*at, &history[*at].event));
    let places: Vec<usize> = places.collect();
    places.get(pick % places.len().max(1)).copied()
}

fn without(history: &[Entry], at: Option<usize>) -> Option<Vec<Entry>> {
    let mut history = history.to_vec();
    history.remove(at?);
    Some(history)
}

fn twice(history: &[Entry], at: Option<usize>) -> Option<Vec<Entry>> {
    let at = at?;
    let mut history = history.to_vec();
    history.insert(at + 1, history[at].clone());
    Some(history)
}

/// Inserts an answered call with this effect before the end.
fn with_call(history: &[Entry], act: impl Fn(u64) -> Event) -> Vec<Entry> {
    let mut history = history.to_vec();
    let (end, call) = (history.len() - 1, 1_000_000);
    let at = history[end].at;
    let called = Event::Called { call, method: "copyMessage".to_owned() };
    let answered = Event::Answered { call, ok: true, lost: false };
    let events = [called, act(call), answered];
    history.splice(end..end, events.map(|event| Entry { at, event }));
    history
}

/// Indexes of the entries that deliver this message.
fn deliveries(history: &[Entry], wanted: &str) -> Vec<usize> {
    let is = |event: &Event| matches!(event, Event::Delivered { message, .. } if message == wanted);
    (0..history.len()).filter(|at| is(&history[*at].event)).collect()
}

fn only_delivery(history: &[Entry], event: &Event) -> bool {
    matches!(event, Event::Delivered { message, .. } if deliveries(history, message).len() == 1)
}

fn last_fault(history: &[Entry]) -> usize {
    let is = |entry: &Entry| matches!(entry.event, Event::FaultEnds { .. });
    history.iter().rposition(is).unwrap_or(0)
}

fn begins(history: &[Entry], wanted: u64) -> usize {
    let is = |entry: &Entry| matches!(entry.event, Event::Called { call, .. } if call == wanted);
    history.iter().position(is).unwrap()
}

fn unwritten(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    without(history, choose(history, pick, |_, one| matches!(one, Event::Wrote { .. })))
}

fn written_twice(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    twice(history, choose(history, pick, |_, one| matches!(one, Event::Wrote { .. })))
}

fn not_handed(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let at = choose(history, pick, |_, one| matches!(one, Event::HandedOut { .. }))?;
    let Event::HandedOut { update: chosen } = history[at].event else { return None };
    let is = |one: &Entry| matches!(one.event, Event::HandedOut { update } if update == chosen);
    Some(history.iter().filter(|one| !is(one)).cloned().collect())
}

fn not_confirmed(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    without(history, choose(history, pick, |_, one| matches!(one, Event::Confirmed { .. })))
}

fn confirmed_twice(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    twice(history, choose(history, pick, |_, one| matches!(one, Event::Confirmed { .. })))
}

fn undelivered(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    without(history, choose(history, pick, |_, one| only_delivery(history, one)))
}

fn delivered_twice(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let calm = last_fault(history);
    let is = |_: usize, one: &Event| {
        only_delivery(history, one)
            && matches!(one, Event::Delivered { call, .. } if begins(history, *call) > calm && was_answer_received(history, *call))
    };
    let at = choose(history, pick, is)?;
    let Event::Delivered { message, destination, .. } = &history[at].event else { return None };
    Some(with_call(history, |call| {
        let (message, destination) = (message.clone(), *destination);
        Event::Delivered { call, message, destination }
    }))
}

fn was_answer_received(history: &[Entry], wanted: u64) -> bool {
    history.iter().any(
        |entry| matches!(entry.event, Event::Answered { call, lost: false, .. } if call == wanted),
    )
}

fn doubled(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    twice(history, choose(history, pick, |_, one| matches!(one, Event::Delivered { .. })))
}

/// Indexes of the deliveries of two successive messages of one conversation and direction, each delivered once.
fn neighbours(history: &[Entry], pick: usize) -> Option<(usize, usize)> {
    let named = |at: usize, wanted: &str| matches!(&history[at].event, Event::Wrote { message, .. } if message == wanted);
    let next = |at: usize| {
        let Event::Wrote { message, .. } = &history[at].event else { return None };
        let (begin, number) = message.rsplit_once('#')?;
        let next = format!("{begin}#{}", number.parse::<u64>().ok()? + 1);
        let next = (0..history.len()).find(|at| named(*at, &next))?;
        let Event::Wrote { message: other, .. } = &history[next].event else { return None };
        let (one, other) = (deliveries(history, message), deliveries(history, other));
        let (Event::Wrote { update: before, .. }, [one], [other]) =
            (&history[next].event, &*one, &*other)
        else {
            return None;
        };
        // Neither may be delivered before its update reaches the desk.
        let handed = |at: usize| matches!(history[at].event, Event::HandedOut { update } if update == *before);
        let handed = (0..history.len()).find(|at| handed(*at))?;
        let Event::Delivered { call, .. } = history[*one].event else { return None };
        (begins(history, call) > handed).then_some((*one, *other))
    };
    let at = choose(history, pick, |at, _| next(at).is_some())?;
    next(at)
}

fn swapped(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let (one, other) = neighbours(history, pick)?;
    let mut history = history.to_vec();
    let name = |entry: &Entry| {
        if let Event::Delivered { message, .. } = &entry.event {
            Some(message.clone())
        } else {
            None
        }
    };
    let (first, second) = (name(&history[one])?, name(&history[other])?);
    for (at, name) in [(one, second), (other, first)] {
        if let Event::Delivered { message, .. } = &mut history[at].event {
            *message = name;
        }
    }
    Some(history)
}

fn rewritten(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let (one, other) = neighbours(history, pick)?;
    let mut places = Vec::new();
    for at in [one, other] {
        let Event::Delivered { message: wanted, .. } = &history[at].event else { return None };
        let is = |entry: &Entry| matches!(&entry.event, Event::Wrote { message, .. } if message == wanted);
        places.push(history.iter().position(is)?);
    }
    let [one, other] = *places else { return None };
    let handed = |entry: &Entry| matches!(entry.event, Event::HandedOut { .. });
    // Otherwise the message would reach the desk before it was written.
    if history[one..other].iter().any(handed) {
        return None;
    }
    let mut history = history.to_vec();
    history.swap(one, other);
    Some(history)
}

fn misplaced(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let at = choose(history, pick, |_, one| matches!(one, Event::Delivered { .. }))?;
    let mut history = history.to_vec();
    if let Event::Delivered { destination, .. } = &mut history[at].event {
        *destination = history_checker::Destination::General;
    }
    Some(history)
}

fn early(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let at = choose(history, pick, |_, one| only_delivery(history, one))?;
    let Event::Delivered { message: wanted, call: first, .. } = &history[at].event else {
        return None;
    };
    let is =
        |entry: &Entry| matches!(&entry.event, Event::Wrote { message, .. } if message == wanted);
    let written = history.iter().position(is)?;
    // Moves the call together with its effects.
    let act = |entry: &Entry| matches!(entry.event, Event::Called { call, .. } | Event::Delivered { call, .. } if call == *first);
    let mut moved: Vec<Entry> = history.to_vec();
    let acts: Vec<Entry> = moved.iter().filter(|entry| act(entry)).cloned().collect();
    if acts.len() != 2 {
        return None;
    }
    moved.retain(|entry| !act(entry));
    let rest = moved.split_off(written + 1);
    moved.extend(acts);
    moved.extend(rest);
    Some(moved)
}

fn uncalled(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    without(history, choose(history, pick, |_, one| matches!(one, Event::Called { .. })))
}

fn called_twice(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    twice(history, choose(history, pick, |_, one| matches!(one, Event::Called { .. })))
}

fn unanswered(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let calm = last_fault(history);
    let is = |_: usize, one: &Event| matches!(one, Event::Answered { call, .. } if begins(history, *call) > calm);
    without(history, choose(history, pick, is))
}

fn answered_twice(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    twice(history, choose(history, pick, |_, one| matches!(one, Event::Answered { .. })))
}

fn unopened(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    without(history, choose(history, pick, |_, one| matches!(one, Event::Opened { .. })))
}

fn opened(history: &[Entry], pick: usize) -> Option<i64> {
    let at = choose(history, pick, |_, one| matches!(one, Event::Opened { .. }))?;
    let Event::Opened { user, .. } = history[at].event else { return None };
    Some(user)
}

fn reopened(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let answer_received = |_: usize, one: &Event| matches!(one, Event::Opened { call, .. } if was_answer_received(history, *call));
    let at = choose(history, pick, answer_received)?;
    let Event::Opened { user, .. } = history[at].event else { return None };
    // A topic whose opening was in progress at a fault may be opened again.
    let again = with_call(history, |call| Event::Opened { call, user, topic: 9_000_000 });
    (last_fault(history) == 0).then_some(again)
}

fn two_topics(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let user = opened(history, pick)?;
    let mut history = with_call(history, |call| Event::Opened { call, user, topic: 9_000_000 });
    let begin = format!("{user} ToTopic");
    let is = |entry: &Entry| matches!(&entry.event, Event::Delivered { message, .. } if message.starts_with(&begin));
    let last = history.iter().rposition(is)?;
    let at = history[last].at;
    let Event::Delivered { message, .. } = history[last].event.clone() else { return None };
    let answered = history.len() - 2;
    let event = Event::Delivered {
        call: 1_000_000,
        message,
        destination: history_checker::Destination::Topic(9_000_000),
    };
    history.insert(answered, Entry { at, event });
    Some(history)
}

/// Indexes of the entries that tell a number, in order.
fn numbers(history: &[Entry]) -> Vec<usize> {
    let is = |at: &usize| matches!(history[*at].event, Event::Numbered { .. });
    (0..history.len()).filter(is).collect()
}

fn same_number(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let numbers = numbers(history);
    let one = numbers[pick % numbers.len()];
    let Event::Numbered { user, number, .. } = history[one].event else { return None };
    let is = |at: &&usize| matches!(history[**at].event, Event::Numbered { user: other, .. } if other != user);
    let other = *numbers.iter().find(is)?;
    let mut history = history.to_vec();
    if let Event::Numbered { number: to, .. } = &mut history[other].event {
        *to = number;
    }
    Some(history)
}

fn next_number(history: &[Entry], _pick: usize) -> Option<Vec<Entry>> {
    let most = |entry: &Entry| {
        if let Event::Numbered { number, .. } = entry.event { Some(number) } else { None }
    };
    let last = history.iter().filter_map(most).max()?;
    let mut history = history.to_vec();
    for entry in &mut history {
        if let Event::Numbered { number, .. } = &mut entry.event
            && *number == last
        {
            *number += 1;
        }
    }
    Some(history)
}

fn unnumbered(history: &[Entry], pick: usize) -> Option<Vec<Entry>> {
    let numbers = numbers(history);
    let Event::Numbered { user, .. } = history[numbers[pick % numbers.len()]].event else {
        return None;
    };
    let is =
        |entry: &Entry| matches!(entry.event, Event::Numbered { user: other, .. } if other == user);
    Some(history.iter().filter(|entry| !is(entry)).cloned().collect())
}

fn no_beginning(history: &[Entry], _pick: usize) -> Option<Vec<Entry>> {
    without(history, Some(0))
}

fn no_end(history: &[Entry], _pick: usize) -> Option<Vec<Entry>> {
    without(history, history.len().checked_sub(1))
}
