//! At least once: every confirmed message is delivered, and none is delivered before its update reached the desk.
//!
//! A store that loses everything may lose earlier messages, and forgets to whom its topics belong. A store whose
//! master is killed may lose the messages of the last moment.

use crate::{
    Figures, Violation,
    history::{History, Message},
};

/// Longest replication lag, in milliseconds: Redis answers before its replicas have the data.
pub(super) const REPLICATION_LAG: u64 = 1_000;

pub(super) fn check(history: &History, figures: &mut Figures) -> Vec<Violation> {
    let mut violations = Vec::new();
    for message in &history.messages {
        let name = || message.name.clone();
        let written = message.written + 1;
        let Some(confirmed) = message.confirmed else {
            violations.push(Violation::Unconfirmed { entries: vec![written], message: name() });
            continue;
        };
        let first = message.deliveries.iter().map(|one| history.begins(one.call)).min();
        match (first, message.handed_out) {
            (Some(first), Some(handed_out)) if first < handed_out => {
                let entries = vec![written, first + 1];
                violations.push(Violation::Early { entries, message: name() });
            }
            (Some(_), _) => {}
            (None, _) if may_be_lost(history, message) => figures.lost_with_the_store += 1,
            (None, _) if was_forgotten(history, message) => figures.in_forgotten_topics += 1,
            (None, _) => {
                let entries = vec![written, confirmed + 1];
                violations.push(Violation::Lost { entries, message: name() });
            }
        }
    }
    // A fault closes connections at its beginning, and a killed process's last request may be read a moment later.
    let during_fault = |begins: usize| history.faults.iter().any(|fault| fault.ends > begins);
    for call in history.calls.values() {
        if call.answered.is_none() && !during_fault(call.begins) {
            violations.push(Violation::Unanswered { entries: vec![call.begins + 1] });
        }
    }
    violations
}

fn may_be_lost(history: &History, message: &Message) -> bool {
    let Some(handed_out) = message.handed_out else { return false };
    let emptied = history.emptyings().any(|fault| handed_out < fault.effective_by);
    let failed_over = history.failovers().any(|fault| {
        let recent = history.at[handed_out] + REPLICATION_LAG >= history.at[fault.begins];
        handed_out < fault.effective_by && recent
    });
    emptied || failed_over
}

/// Whether the message was written in a topic whose user the store has forgotten.
fn was_forgotten(history: &History, message: &Message) -> bool {
    let topic = message.topic.and_then(|topic| history.topic(topic));
    topic.is_some_and(|topic| history.emptyings().any(|fault| topic.entry < fault.ends))
}
