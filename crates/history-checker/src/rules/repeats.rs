//! Work is repeated only if its call was in progress at a fault, or if its answer was lost.
//!
//! A call is in progress until the desk has stored its outcome, which the history does not show. But a conversation's
//! next call in the same direction begins only after that. So in each conversation and direction, the last call
//! before a fault may be repeated. The number of such calls is limited to the calls that a process makes at once. A
//! frozen process may make its call after it resumes, when another process has already made that call. Then the
//! repeated call is the first of its conversation during the fault.

use std::collections::BTreeMap;

use super::{losses::REPLICATION_LAG, places::segment};
use crate::{
    FaultKind, Figures, Side, Violation,
    story::{Fault, Story},
};

/// Two successive calls that did the same work.
struct Repeat {
    what: String,
    /// The conversation and direction.
    lane: (i64, Side),
    first: u64,
    again: u64,
    /// The entries of the work and of its repeat.
    entries: [usize; 2],
}

pub(super) fn judge(story: &Story, figures: &mut Figures) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let mut unexplained = Vec::new();
    for repeat in repeats(story, figures) {
        if repeat.first == repeat.again {
            wrong.push(violation(&repeat));
        } else if !story.calls.get(&repeat.first).is_some_and(|call| call.heard) {
            figures.repeats_after_lost_answers += 1;
        } else {
            unexplained.push(repeat);
        }
    }
    let lanes = lanes(story);
    let incidents = incidents(unexplained);
    let reasons: Vec<Vec<usize>> = incidents
        .iter()
        .map(|incident| {
            let explains = |fault: &&Fault| {
                incident.iter().any(|repeat| explains(story, &lanes, fault, repeat))
            };
            let faults = story.faults.iter().enumerate();
            faults.filter(|(_, fault)| explains(fault)).map(|(at, _)| at).collect()
        })
        .collect();
    for (incident, fault) in incidents.iter().zip(assign(story, &reasons)) {
        match (fault, incident.first()) {
            (None, Some(repeat)) => wrong.push(violation(repeat)),
            (Some(_), _) | (None, None) => figures.repeats_after_faults += 1,
        }
    }
    wrong
}

fn violation(repeat: &Repeat) -> Violation {
    let entries = repeat.entries.map(|entry| entry + 1).to_vec();
    Violation::Repeated { entries, what: repeat.what.clone() }
}

/// All repeated work, except repeats that a store that lost everything excuses.
fn repeats(story: &Story, figures: &mut Figures) -> Vec<Repeat> {
    let mut repeats = Vec::new();
    for message in &story.messages {
        let mut deliveries = message.deliveries.clone();
        deliveries.sort_by_key(|one| (story.begins(one.call), one.entry));
        for pair in deliveries.windows(2) {
            let [first, again] = pair else { continue };
            let begins = story.begins(again.call);
            // The update reached the desk and was not confirmed. The empty store does not know the update when it is
            // delivered again.
            let known_no_more = story.emptyings().any(|fault| {
                let handed = message.handed.is_some_and(|handed| handed < fault.struck);
                let open = message.confirmed.is_none_or(|confirmed| confirmed > fault.begins);
                handed && open && fault.begins < begins
            });
            if known_no_more {
                figures.repeats_after_emptying += 1;
                continue;
            }
            repeats.push(Repeat {
                what: message.name.clone(),
                lane: (message.user, message.side),
                first: first.call,
                again: again.call,
                entries: [first.entry, again.entry],
            });
        }
    }
    let mut topics: BTreeMap<(i64, usize), Vec<_>> = BTreeMap::new();
    for topic in &story.topics {
        if let Some(segment) = segment(story, topic.entry) {
            topics.entry((topic.user, segment)).or_default().push(topic);
        }
    }
    for ((user, _), topics) in topics {
        repeats.extend(topics.windows(2).map(|pair| Repeat {
            what: format!("a topic for user {user}"),
            lane: (user, Side::ToTopic),
            first: pair[0].call,
            again: pair[1].call,
            entries: [pair[0].entry, pair[1].entry],
        }));
    }
    repeats
}

/// The beginnings of all calls with an effect, by conversation and direction.
fn lanes(story: &Story) -> BTreeMap<(i64, Side), Vec<usize>> {
    let mut lanes: BTreeMap<(i64, Side), Vec<usize>> = BTreeMap::new();
    for message in &story.messages {
        let lane = lanes.entry((message.user, message.side)).or_default();
        lane.extend(message.deliveries.iter().map(|one| story.begins(one.call)));
    }
    for topic in &story.topics {
        let lane = lanes.entry((topic.user, Side::ToTopic)).or_default();
        lane.push(story.begins(topic.call));
    }
    for lane in lanes.values_mut() {
        lane.sort_unstable();
        lane.dedup();
    }
    lanes
}

/// Groups repeats that share a call: they come from one call in progress.
fn incidents(repeats: Vec<Repeat>) -> Vec<Vec<Repeat>> {
    let mut incidents: Vec<Vec<Repeat>> = Vec::new();
    for repeat in repeats {
        let same = |other: &Repeat| other.first == repeat.first || other.again == repeat.again;
        let (together, apart): (Vec<_>, Vec<_>) =
            incidents.into_iter().partition(|incident| incident.iter().any(same));
        incidents = apart;
        let mut joined: Vec<Repeat> = together.into_iter().flatten().collect();
        joined.push(repeat);
        incidents.push(joined);
    }
    incidents
}

/// Whether the first call may have been in progress at the fault, so that the fault explains the repeat.
fn explains(
    story: &Story,
    lanes: &BTreeMap<(i64, Side), Vec<usize>>,
    fault: &Fault,
    repeat: &Repeat,
) -> bool {
    let (first, again) = (story.begins(repeat.first), story.begins(repeat.again));
    if again < fault.begins || first > fault.ends || room(story, fault) == 0 {
        return false;
    }
    if fault.kind == FaultKind::Failover {
        return story.at[first] + REPLICATION_LAG >= story.at[fault.begins];
    }
    let lane = lanes.get(&repeat.lane).map_or(&[][..], Vec::as_slice);
    let at = lane.partition_point(|begins| *begins < first);
    let next = lane.get(at + 1).copied();
    let before = at.checked_sub(1).and_then(|before| lane.get(before)).copied();
    let last_before = first <= fault.struck && next.is_none_or(|next| next > fault.begins);
    let first_after = first > fault.begins && before.is_none_or(|before| before < fault.begins);
    last_before || first_after
}

/// Calls that can be in progress at a fault, at most.
fn room(story: &Story, fault: &Fault) -> u64 {
    match fault.kind {
        FaultKind::Kill | FaultKind::Freeze => story.calls_at_once,
        FaultKind::Cut | FaultKind::StoreEmptied | FaultKind::Failover => {
            story.calls_at_once * story.processes
        }
        FaultKind::Stop | FaultKind::StoreFrozen => 0,
    }
}

/// Assigns each incident to a fault that explains it, and to no fault more incidents than it can explain. Assigns as
/// many incidents as possible.
fn assign(story: &Story, reasons: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut held: Vec<Vec<usize>> = story.faults.iter().map(|_| Vec::new()).collect();
    for incident in 0..reasons.len() {
        let mut seen = vec![false; story.faults.len()];
        place(story, reasons, incident, &mut held, &mut seen);
    }
    let mut assigned = vec![None; reasons.len()];
    for (fault, incidents) in held.iter().enumerate() {
        for incident in incidents {
            assigned[*incident] = Some(fault);
        }
    }
    assigned
}

/// Assigns one incident, and moves others if necessary: an augmenting path.
fn place(
    story: &Story,
    reasons: &[Vec<usize>],
    incident: usize,
    held: &mut [Vec<usize>],
    seen: &mut [bool],
) -> bool {
    for &fault in &reasons[incident] {
        if std::mem::replace(&mut seen[fault], true) {
            continue;
        }
        if (held[fault].len() as u64) < room(story, &story.faults[fault]) {
            held[fault].push(incident);
            return true;
        }
        for at in 0..held[fault].len() {
            let other = held[fault][at];
            if place(story, reasons, other, held, seen) {
                held[fault][at] = incident;
                return true;
            }
        }
    }
    false
}
