//! What the bot has called: how often each method, and the last calls in full.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use serde_json::{Map, Value};

/// One call of the bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The method as the documentation spells it.
    pub method: &'static str,
    /// Its parameters as they were understood.
    pub parameters: Arc<Map<String, Value>>,
}

/// The bot's calls so far.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// Calls by method, refused ones included.
    pub counts: BTreeMap<&'static str, u64>,
    /// The last ones, oldest first; how many is an option.
    pub recent: Vec<Call>,
}

impl Calls {
    /// How often a method was called.
    pub fn count(&self, method: &str) -> u64 {
        self.counts.get(method).copied().unwrap_or(0)
    }

    /// The recent calls of a method, oldest first.
    pub fn of(&self, method: &str) -> Vec<&Call> {
        self.recent.iter().filter(|call| call.method == method).collect()
    }
}

#[derive(Debug)]
pub(crate) struct CallLog {
    counts: HashMap<&'static str, u64>,
    recent: VecDeque<Call>,
    keep: usize,
}

impl CallLog {
    pub(crate) fn new(keep: usize) -> Self {
        Self { counts: HashMap::new(), recent: VecDeque::new(), keep }
    }

    pub(crate) fn add(&mut self, method: &'static str, parameters: &Arc<Map<String, Value>>) {
        *self.counts.entry(method).or_default() += 1;
        if self.keep == 0 {
            return;
        }
        if self.recent.len() == self.keep {
            self.recent.pop_front();
        }
        self.recent.push_back(Call { method, parameters: Arc::clone(parameters) });
    }

    pub(crate) fn show(&self) -> Calls {
        Calls {
            counts: self.counts.iter().map(|(method, count)| (*method, *count)).collect(),
            recent: self.recent.iter().cloned().collect(),
        }
    }
}
