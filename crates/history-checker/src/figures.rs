//! Counts of what happened in a history.

use std::{collections::BTreeMap, fmt};

use super::FaultKind;

/// Counts of a history. They do not affect the verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Messages written, in both directions, and Starts.
    pub messages: u64,
    /// Messages that were delivered.
    pub delivered: u64,
    /// Messages lost with a store that lost its data, where the fault excuses the loss.
    pub lost_with_the_store: u64,
    /// Undelivered answers, written in topics whose users the store has forgotten.
    pub in_forgotten_topics: u64,
    /// Calls of the desk, except its calls for updates.
    pub calls: u64,
    /// Topics that were opened.
    pub topics: u64,
    /// Requests that were given a number.
    pub numbers: u64,
    /// Repeats after a call whose answer was lost.
    pub repeats_after_lost_answers: u64,
    /// Calls in progress at a fault whose work was repeated.
    pub repeats_after_faults: u64,
    /// Repeats because the store had lost the record of the work.
    pub repeats_after_emptying: u64,
    /// Faults by kind.
    pub faults: BTreeMap<FaultKind, u64>,
}

impl Figures {
    /// The sums over two histories.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.messages += other.messages;
        self.delivered += other.delivered;
        self.lost_with_the_store += other.lost_with_the_store;
        self.in_forgotten_topics += other.in_forgotten_topics;
        self.calls += other.calls;
        self.topics += other.topics;
        self.numbers += other.numbers;
        self.repeats_after_lost_answers += other.repeats_after_lost_answers;
        self.repeats_after_faults += other.repeats_after_faults;
        self.repeats_after_emptying += other.repeats_after_emptying;
        for (kind, count) in &other.faults {
            *self.faults.entry(*kind).or_default() += count;
        }
        self
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<String> =
            self.faults.iter().map(|(kind, count)| format!("{count} {kind:?}")).collect();
        write!(
            to,
            "{} messages, {} delivered, {} lost with the store, {} in forgotten topics; {} calls, {} topics, {} numbers; repeats: {} after lost \
             answers, {} after faults, {} after emptying; faults: {}",
            self.messages,
            self.delivered,
            self.lost_with_the_store,
            self.in_forgotten_topics,
            self.calls,
            self.topics,
            self.numbers,
            self.repeats_after_lost_answers,
            self.repeats_after_faults,
            self.repeats_after_emptying,
            if faults.is_empty() { "none".to_owned() } else { faults.join(", ") }
        )
    }
}
