//! One conversation, one order: first deliveries follow the order in which the messages were written.

use std::collections::BTreeMap;

use crate::{
    Side, Violation,
    story::{Message, Story},
};

pub(super) fn judge(story: &Story) -> Vec<Violation> {
    let mut wrong = Vec::new();
    // For each conversation and direction, the message that arrived last so far.
    let mut last: BTreeMap<(i64, Side), (usize, &Message)> = BTreeMap::new();
    for message in &story.messages {
        let Some(first) = message.deliveries.iter().map(|one| one.entry).min() else { continue };
        if straddles(story, message, first) {
            continue;
        }
        let before = last.entry((message.user, message.side)).or_insert((first, message));
        if before.0 > first {
            wrong.push(Violation::Disordered {
                entries: vec![first + 1, before.0 + 1],
                first: before.1.name.clone(),
                second: message.name.clone(),
            });
        } else {
            *before = (first, message);
        }
    }
    wrong
}

/// Whether a message reached the desk before the store lost everything and was delivered afterwards. It came from
/// memory, so its order against later messages is undefined.
fn straddles(story: &Story, message: &Message, first: usize) -> bool {
    let handed = message.handed.unwrap_or(first);
    story.emptyings().any(|fault| handed < fault.struck && fault.begins < first)
}
