//! At least once: every confirmed message is delivered, and none is delivered before its update reached the desk.
//!
//! A store that loses everything may lose earlier messages, and forgets to whom its topics belong. A store whose
//! master is killed may lose the messages of the last moment.

use crate::{
    Figures, Violation,
    story::{Message, Story},
};

/// Longest replication lag, in milliseconds: Redis answers before its replicas have the data.
pub(super) const REPLICATION_LAG: u64 = 1_000;

pub(super) fn judge(story: &Story, figures: &mut Figures) -> Vec<Violation> {
    let mut wrong = Vec::new();
    for message in &story.messages {
        let name = || message.name.clone();
        let written = message.written + 1;
        let Some(confirmed) = message.confirmed else {
            wrong.push(Violation::Unconfirmed { entries: vec![written], message: name() });
            continue;
        };
        let first = message.deliveries.iter().map(|one| story.begins(one.call)).min();
        match (first, message.handed) {
            (Some(first), Some(handed)) if first < handed => {
                let entries = vec![written, first + 1];
                wrong.push(Violation::Early { entries, message: name() });
            }
            (Some(_), _) => {}
            (None, _) if may_be_lost(story, message) => figures.lost_with_the_store += 1,
            (None, _) if was_forgotten(story, message) => figures.in_forgotten_topics += 1,
            (None, _) => {
                let entries = vec![written, confirmed + 1];
                wrong.push(Violation::Lost { entries, message: name() });
            }
        }
    }
    // A fault closes connections at its beginning, and a killed process's last request may be read a moment later.
    let troubled = |begins: usize| story.faults.iter().any(|fault| fault.ends > begins);
    for call in story.calls.values() {
        if call.answered.is_none() && !troubled(call.begins) {
            wrong.push(Violation::Unanswered { entries: vec![call.begins + 1] });
        }
    }
    wrong
}

fn may_be_lost(story: &Story, message: &Message) -> bool {
    let Some(handed) = message.handed else { return false };
    let emptied = story.emptyings().any(|fault| handed < fault.struck);
    let failed_over = story.failovers().any(|fault| {
        let recent = story.at[handed] + REPLICATION_LAG >= story.at[fault.begins];
        handed < fault.struck && recent
    });
    emptied || failed_over
}

/// Whether the message was written in a topic whose user the store has forgotten.
fn was_forgotten(story: &Story, message: &Message) -> bool {
    let topic = message.topic.and_then(|topic| story.topic(topic));
    topic.is_some_and(|topic| story.emptyings().any(|fault| topic.entry < fault.ends))
}
