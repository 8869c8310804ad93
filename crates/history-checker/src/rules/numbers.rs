//! Each request has one number, and each new request gets the next number. A store that lost everything begins at 1
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::losses::REPLICATION_LAG;
use crate::{
    Side, Violation,
    story::{Request, Story},
};

pub(super) fn judge(story: &Story) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let mut users: BTreeMap<(usize, i64), &Request> = BTreeMap::new();
    let mut requests: BTreeMap<(usize, i64), &Request> = BTreeMap::new();
    for number in &story.numbers {
        let Some(era) = era(story, number) else { continue };
        let other = users.entry((era, number.number)).or_insert(number);
        let twice = other.user != number.user;
        let request = requests.entry((era, number.user)).or_insert(number);
        let changed = request.number != number.number;
        let first = if twice { &*other } else { &*request };
        if (twice || changed) && !failed_over(story, first.entry) {
            let entries = vec![first.entry + 1, number.entry + 1];
            wrong.push(Violation::NumberTwice { entries, number: number.number });
        }
    }
    wrong.extend(skipped(story, &users));
    wrong
}

/// How many times the store had lost everything when the request was made; `None` if it happened between the request
/// and its number.
fn era(story: &Story, number: &Request) -> Option<usize> {
    let handed = story.start_of(number.user)?.handed?;
    let surely = story.emptyings().filter(|fault| fault.struck < handed).count();
    let perhaps = story.emptyings().filter(|fault| fault.begins < number.entry).count();
    (surely == perhaps).then_some(surely)
}

/// Whether the number may be missing in the store that took over.
fn failed_over(story: &Story, entry: usize) -> bool {
    story.failovers().any(|fault| {
        entry < fault.ends && story.at[entry] + REPLICATION_LAG >= story.at[fault.begins]
    })
}

/// Numbers that no request has, since the store last lost everything. A number whose message may be lost is excused.
fn skipped(story: &Story, users: &BTreeMap<(usize, i64), &Request>) -> Vec<Violation> {
    let eras = story.emptyings().count();
    let begins = story.emptyings().map(|fault| fault.begins).max().unwrap_or(0);
    let newest = users.iter().filter(|((era, _), _)| *era == eras);
    let Some(((_, most), told)) = newest.max_by_key(|((_, number), _)| *number) else {
        return Vec::new();
    };
    let there: BTreeSet<i64> = story
        .numbers
        .iter()
        .filter(|number| number.entry >= begins)
        .map(|number| number.number)
        .collect();
    let missing = (1..=*most).filter(|number| !there.contains(number));
    let lost = story
        .messages
        .iter()
        .filter(|message| message.side == Side::ToNumber && message.deliveries.is_empty())
        .count();
    missing
        .skip(lost)
        .map(|number| Violation::NumberSkipped { entries: vec![told.entry + 1], number })
        .collect()
}
