//! Each message is in its user's chat or topic, and a user has one topic.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Destination, Side, Violation,
    history::{History, Message, Topic},
};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut used = BTreeSet::new();
    for message in &history.messages {
        for delivery in &message.deliveries {
            if let Destination::Topic(topic) = delivery.destination {
                used.insert(topic);
            }
            if !belongs(history, message, delivery.destination) {
                let entries = vec![message.written + 1, delivery.entry + 1];
                violations.push(Violation::Misplaced { entries, message: message.name.clone() });
            }
        }
    }
    let mut topics: BTreeMap<(i64, usize), Vec<&Topic>> = BTreeMap::new();
    for topic in history.topics.iter().filter(|topic| used.contains(&topic.id)) {
        if let Some(segment) = segment(history, topic.entry) {
            topics.entry((topic.user, segment)).or_default().push(topic);
        }
    }
    for ((user, _), topics) in topics {
        if topics.len() > 1 {
            let entries = topics.iter().map(|topic| topic.entry + 1).collect();
            violations.push(Violation::TwoTopics { entries, user });
        }
    }
    violations
}

fn belongs(history: &History, message: &Message, destination: Destination) -> bool {
    match (message.side, destination) {
        (Side::ToTopic, Destination::Topic(topic)) => {
            history.topic(topic).is_some_and(|topic| topic.user == message.user)
        }
        (Side::ToUser | Side::ToNumber, Destination::User(user)) => user == message.user,
        (Side::ToTopic, Destination::User(_) | Destination::General)
        | (Side::ToUser | Side::ToNumber, Destination::Topic(_) | Destination::General) => false,
    }
}

/// How many times the store has lost everything before this entry; `None` during such a fault, when a new topic may
/// be forgotten.
pub(super) fn segment(history: &History, entry: usize) -> Option<usize> {
    let during = history.emptyings().any(|fault| fault.begins < entry && entry < fault.ends);
    let before = history.emptyings().filter(|fault| fault.ends <= entry).count();
    (!during).then_some(before)
}
