//! Work is repeated only if its call was in progress at a fault, or if its answer was lost.
//!
//! A call is in progress until the desk has stored its outcome, which the history does not show. But a conversation's
//! next call in the same direction begins only after that. So in each conversation and direction, the last call
//! before a fault may be repeated. The number of such calls is limited to the calls that a process makes at once. A
//! frozen process may make its call after it resumes, when another process has already made that call. Then the
//! repeated call is the first of its conversation during the fault.

use std::collections::BTreeMap;

use super::{destinations::segment, losses::REPLICATION_LAG};
use crate::{
    FaultKind, Figures, Side, Violation,
    history::{Fault, History},
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

pub(super) fn check(history: &History, figures: &mut Figures) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut unexplained = Vec::new();
    for repeat in repeats(history, figures) {
        if repeat.first == repeat.again {
            violations.push(violation(&repeat));
        } else if !history.calls.get(&repeat.first).is_some_and(|call| call.answer_received) {
            figures.repeats_after_lost_answers += 1;
        } else {
            unexplained.push(repeat);
        }
    }
    let lanes = lanes(history);
    let incidents = incidents(unexplained);
    let reasons: Vec<Vec<usize>> = incidents
        .iter()
        .map(|incident| {
            let explains = |fault: &&Fault| {
                incident.iter().any(|repeat| explains(history, &lanes, fault, repeat))
            };
            let faults = history.faults.iter().enumerate();
            faults.filter(|(_, fault)| explains(fault)).map(|(at, _)| at).collect()
        })
        .collect();
    for (incident, fault) in incidents.iter().zip(assign(history, &reasons)) {
        match (fault, incident.first()) {
            (None, Some(repeat)) => violations.push(violation(repeat)),
            (Some(_), _) | (None, None) => figures.repeats_after_faults += 1,
        }
    }
    violations
}

fn violation(repeat: &Repeat) -> Violation {
    let entries = repeat.entries.map(|entry| entry + 1).to_vec();
    Violation::Repeated { entries, what: repeat.what.clone() }
}

/// All repeated work, except repeats that a store that lost everything excuses.
fn repeats(history: &History, figures: &mut Figures) -> Vec<Repeat> {
    let mut repeats = Vec::new();
    for message in &history.messages {
        let mut deliveries = message.deliveries.clone();
        deliveries.sort_by_key(|one| (history.begins(one.call), one.entry));
        for pair in deliveries.windows(2) {
            let [first, again] = pair else { continue };
            let begins = history.begins(again.call);
            // The update reached the desk and was not confirmed. The empty store does not know the update when it is
            // delivered again.
            let forgotten = history.emptyings().any(|fault| {
                let handed_out =
                    message.handed_out.is_some_and(|handed_out| handed_out < fault.effective_by);
                let open = message.confirmed.is_none_or(|confirmed| confirmed > fault.begins);
                handed_out && open && fault.begins < begins
            });
            if forgotten {
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
    for topic in &history.topics {
        if let Some(segment) = segment(history, topic.entry) {
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
fn lanes(history: &History) -> BTreeMap<(i64, Side), Vec<usize>> {
    let mut lanes: BTreeMap<(i64, Side), Vec<usize>> = BTreeMap::new();
    for message in &history.messages {
        let lane = lanes.entry((message.user, message.side)).or_default();
        lane.extend(message.deliveries.iter().map(|one| history.begins(one.call)));
    }
    for topic in &history.topics {
        let lane = lanes.entry((topic.user, Side::ToTopic)).or_default();
        lane.push(history.begins(topic.call));
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
    history: &History,
    lanes: &BTreeMap<(i64, Side), Vec<usize>>,
    fault: &Fault,
    repeat: &Repeat,
) -> bool {
    let (first, again) = (history.begins(repeat.first), history.begins(repeat.again));
    if again < fault.begins || first > fault.ends || capacity(history, fault) == 0 {
        return false;
    }
    if fault.kind == FaultKind::Failover {
        return history.at[first] + REPLICATION_LAG >= history.at[fault.begins];
    }
    let lane = lanes.get(&repeat.lane).map_or(&[][..], Vec::as_slice);
    let at = lane.partition_point(|begins| *begins < first);
    let next = lane.get(at + 1).copied();
    let before = at.checked_sub(1).and_then(|before| lane.get(before)).copied();
    let last_before = first <= fault.effective_by && next.is_none_or(|next| next > fault.begins);
    let first_after = first > fault.begins && before.is_none_or(|before| before < fault.begins);
    last_before || first_after
}

/// Calls that can be in progress at a fault, at most.
fn capacity(history: &History, fault: &Fault) -> u64 {
    match fault.kind {
        FaultKind::Kill | FaultKind::Freeze => history.calls_at_once,
        FaultKind::Cut | FaultKind::StoreEmptied | FaultKind::Failover => {
            history.calls_at_once * history.processes
        }
        FaultKind::Stop | FaultKind::StoreFrozen => 0,
    }
}

/// Assigns each incident to a fault that explains it, and to no fault more incidents than it can explain. Assigns as
/// many incidents as possible.
fn assign(history: &History, reasons: &[Vec<usize>]) -> Vec<Option<usize>> {
    let mut held: Vec<Vec<usize>> = history.faults.iter().map(|_| Vec::new()).collect();
    for incident in 0..reasons.len() {
        let mut seen = vec![false; history.faults.len()];
        augment(history, reasons, incident, &mut held, &mut seen);
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
fn augment(
    history: &History,
    reasons: &[Vec<usize>],
    incident: usize,
    held: &mut [Vec<usize>],
    seen: &mut [bool],
) -> bool {
    for &fault in &reasons[incident] {
        if std::mem::replace(&mut seen[fault], true) {
            continue;
        }
        if (held[fault].len() as u64) < capacity(history, &history.faults[fault]) {
            held[fault].push(incident);
            return true;
        }
        for at in 0..held[fault].len() {
            let other = held[fault][at];
            if augment(history, reasons, other, held, seen) {
                held[fault][at] = incident;
                return true;
            }
        }
    }
    false
}
