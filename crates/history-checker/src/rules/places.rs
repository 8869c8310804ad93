//! Each message is in its user's chat or topic, and a user has one topic.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Destination, Side, Violation,
    story::{Message, Story, Topic},
};

pub(super) fn judge(story: &Story) -> Vec<Violation> {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for message in &story.messages {
        for delivery in &message.deliveries {
            if let Destination::Topic(topic) = delivery.place {
                used.insert(topic);
            }
            if !belongs(story, message, delivery.place) {
                let entries = vec![message.written + 1, delivery.entry + 1];
                wrong.push(Violation::Misplaced { entries, message: message.name.clone() });
            }
        }
    }
    let mut topics: BTreeMap<(i64, usize), Vec<&Topic>> = BTreeMap::new();
    for topic in story.topics.iter().filter(|topic| used.contains(&topic.id)) {
        if let Some(segment) = segment(story, topic.entry) {
            topics.entry((topic.user, segment)).or_default().push(topic);
        }
    }
    for ((user, _), topics) in topics {
        if topics.len() > 1 {
            let entries = topics.iter().map(|topic| topic.entry + 1).collect();
            wrong.push(Violation::TwoTopics { entries, user });
        }
    }
    wrong
}

fn belongs(story: &Story, message: &Message, place: Destination) -> bool {
    match (message.side, place) {
        (Side::ToTopic, Destination::Topic(topic)) => {
            story.topic(topic).is_some_and(|topic| topic.user == message.user)
        }
        (Side::ToUser | Side::ToNumber, Destination::User(user)) => user == message.user,
        (Side::ToTopic, Destination::User(_) | Destination::General)
        | (Side::ToUser | Side::ToNumber, Destination::Topic(_) | Destination::General) => false,
    }
}

/// How many times the store has lost everything before this entry; `None` during such a fault, when a new topic may
/// be forgotten.
pub(super) fn segment(story: &Story, entry: usize) -> Option<usize> {
    let during = story.emptyings().any(|fault| fault.begins < entry && entry < fault.ends);
    let before = story.emptyings().filter(|fault| fault.ends <= entry).count();
    (!during).then_some(before)
}
