//! Each request has one number, and each new request gets the next number. A store that lost everything begins at 1
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::losses::REPLICATION_LAG;
use crate::{
    Side, Violation,
    history::{History, Request},
};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut users: BTreeMap<(usize, i64), &Request> = BTreeMap::new();
    let mut requests: BTreeMap<(usize, i64), &Request> = BTreeMap::new();
    for number in &history.numbers {
        let Some(epoch) = epoch(history, number) else { continue };
        let other = users.entry((epoch, number.number)).or_insert(number);
        let twice = other.user != number.user;
        let request = requests.entry((epoch, number.user)).or_insert(number);
        let changed = request.number != number.number;
        let first = if twice { &*other } else { &*request };
        if (twice || changed) && !failed_over(history, first.entry) {
            let entries = vec![first.entry + 1, number.entry + 1];
            violations.push(Violation::DuplicateNumber { entries, number: number.number });
        }
    }
    violations.extend(skipped(history, &users));
    violations
}

/// How many times the store had lost everything when the request was made; `None` if it happened between the request
/// and its number.
fn epoch(history: &History, number: &Request) -> Option<usize> {
    let handed_out = history.start_of(number.user)?.handed_out?;
    let surely = history.emptyings().filter(|fault| fault.effective_by < handed_out).count();
    let perhaps = history.emptyings().filter(|fault| fault.begins < number.entry).count();
    (surely == perhaps).then_some(surely)
}

/// Whether the number may be missing in the store that took over.
fn failed_over(history: &History, entry: usize) -> bool {
    history.failovers().any(|fault| {
        entry < fault.ends && history.at[entry] + REPLICATION_LAG >= history.at[fault.begins]
    })
}

/// Numbers that no request has, since the store last lost everything. A number whose message may be lost is excused.
fn skipped(history: &History, users: &BTreeMap<(usize, i64), &Request>) -> Vec<Violation> {
    let epochs = history.emptyings().count();
    let begins = history.emptyings().map(|fault| fault.begins).max().unwrap_or(0);
    let newest = users.iter().filter(|((epoch, _), _)| *epoch == epochs);
    let Some(((_, most), highest)) = newest.max_by_key(|((_, number), _)| *number) else {
        return Vec::new();
    };
    let given: BTreeSet<i64> = history
        .numbers
        .iter()
        .filter(|number| number.entry >= begins)
        .map(|number| number.number)
        .collect();
    let missing = (1..=*most).filter(|number| !given.contains(number));
    let lost = history
        .messages
        .iter()
        .filter(|message| message.side == Side::ToNumber && message.deliveries.is_empty())
        .count();
    missing
        .skip(lost)
        .map(|number| Violation::SkippedNumber { entries: vec![highest.entry + 1], number })
        .collect()
}
