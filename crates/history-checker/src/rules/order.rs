//! One conversation, one order: first deliveries follow the order in which the messages were written.

use std::collections::BTreeMap;

use crate::{
    Side, Violation,
    history::{History, Message},
};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    // For each conversation and direction, the message that arrived last so far.
    let mut last: BTreeMap<(i64, Side), (usize, &Message)> = BTreeMap::new();
    for message in &history.messages {
        let Some(first) = message.deliveries.iter().map(|one| one.entry).min() else { continue };
        if spans_an_emptying(history, message, first) {
            continue;
        }
        let before = last.entry((message.user, message.side)).or_insert((first, message));
        if before.0 > first {
            violations.push(Violation::Disordered {
                entries: vec![first + 1, before.0 + 1],
                first: before.1.name.clone(),
                second: message.name.clone(),
            });
        } else {
            *before = (first, message);
        }
    }
    violations
}

/// Whether a message reached the desk before the store lost everything and was delivered afterwards. It came from
/// memory, so its order against later messages is undefined.
fn spans_an_emptying(history: &History, message: &Message, first: usize) -> bool {
    let handed_out = message.handed_out.unwrap_or(first);
    history.emptyings().any(|fault| handed_out < fault.effective_by && fault.begins < first)
}
