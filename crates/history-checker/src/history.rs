//! Indexes a history: messages, calls, topics and faults, each with the entries that mention it.

use std::collections::{BTreeMap, HashMap};

use super::{Destination, Entry, Event, FaultKind, Side, Violation};

/// A message and what became of it. All positions are indexes of entries.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) user: i64,
    pub(crate) side: Side,
    /// The topic in which an answer was written.
    pub(crate) topic: Option<i64>,
    pub(crate) written: usize,
    /// The entry at which Telegram first sends the update to the desk.
    pub(crate) handed_out: Option<usize>,
    pub(crate) confirmed: Option<usize>,
    pub(crate) deliveries: Vec<Delivery>,
}

/// A copy of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delivery {
    pub(crate) entry: usize,
    pub(crate) call: u64,
    pub(crate) destination: Destination,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) begins: usize,
    pub(crate) answered: Option<usize>,
    /// Whether the desk may have received the answer.
    pub(crate) answer_received: bool,
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) call: u64,
    pub(crate) entry: usize,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) user: i64,
    pub(crate) number: i64,
    pub(crate) entry: usize,
}

#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) begins: usize,
    /// The entry by which the fault has certainly happened.
    pub(crate) effective_by: usize,
    /// The end of the fault, or the last entry of the history if it does not end.
    pub(crate) ends: usize,
}

/// An indexed history. Maps are ordered, so that each run gives the same verdict.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) processes: u64,
    pub(crate) calls_at_once: u64,
    /// The time of each entry, in milliseconds.
    pub(crate) at: Vec<u64>,
    pub(crate) messages: Vec<Message>,
    pub(crate) calls: BTreeMap<u64, Call>,
    pub(crate) topics: Vec<Topic>,
    pub(crate) numbers: Vec<Request>,
    pub(crate) faults: Vec<Fault>,
    by_name: HashMap<String, usize>,
    by_update: HashMap<i64, usize>,
    starts: HashMap<i64, usize>,
    by_topic: HashMap<i64, usize>,
    open_faults: HashMap<u64, usize>,
    contradictions: Vec<Violation>,
}

impl History {
    /// Indexes a history. Also returns its contradictions.
    pub(crate) fn index(entries: &[Entry]) -> (Self, Vec<Violation>) {
        let mut history = Self::default();
        let last = entries.len().saturating_sub(1);
        for (at, entry) in entries.iter().enumerate() {
            history.at.push(entry.at);
            if at != 0 && matches!(entry.event, Event::Begins { .. }) {
                history.refuse(at, "it begins twice");
            } else if at != last && entry.event == Event::Ends {
                history.refuse(at, "it continues after its end");
            } else {
                history.add(at, &entry.event, last);
            }
        }
        if !matches!(entries.first().map(|entry| &entry.event), Some(Event::Begins { .. })) {
            history.refuse(0, "it has no beginning");
        }
        if !matches!(entries.last().map(|entry| &entry.event), Some(Event::Ends)) {
            history.refuse(last, "it has no end");
        }
        let contradictions = std::mem::take(&mut history.contradictions);
        (history, contradictions)
    }

    /// The topic with this id.
    pub(crate) fn topic(&self, id: i64) -> Option<&Topic> {
        self.topics.get(*self.by_topic.get(&id)?)
    }

    /// The Start of a user.
    pub(crate) fn start_of(&self, user: i64) -> Option<&Message> {
        self.messages.get(*self.starts.get(&user)?)
    }

    /// The entry at which a call began. `call` comes from an entry of this history.
    pub(crate) fn begins(&self, call: u64) -> usize {
        self.calls.get(&call).map_or(0, |call| call.begins)
    }

    /// Faults after which the store is empty.
    pub(crate) fn emptyings(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(|fault| fault.kind == FaultKind::StoreEmptied)
    }

    /// Faults after which the store may lack its latest writes.
    pub(crate) fn failovers(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(|fault| fault.kind == FaultKind::Failover)
    }

    fn refuse(&mut self, at: usize, why: impl Into<String>) {
        self.contradictions.push(Violation::Malformed { entries: vec![at + 1], why: why.into() });
    }

    fn add(&mut self, at: usize, event: &Event, last: usize) {
        match event {
            Event::Begins { processes, calls_at_once, .. } => {
                (self.processes, self.calls_at_once) = (*processes, *calls_at_once);
            }
            Event::Ends => {}
            Event::Wrote { update, message, user, side, topic } => {
                self.wrote(at, *update, message, (*user, *side, *topic));
            }
            Event::HandedOut { update } => match self.by_update.get(update) {
                Some(message) => {
                    self.messages[*message].handed_out.get_or_insert(at);
                }
                None => self.refuse(at, "handed out before it was written"),
            },
            Event::Confirmed { update } => self.confirmed(at, *update),
            Event::Called { call, .. } => {
                let begins = Call { begins: at, answered: None, answer_received: false };
                if self.calls.insert(*call, begins).is_some() {
                    self.refuse(at, "a call number that is used twice");
                }
            }
            Event::Delivered { call, message, destination } => {
                self.check_in_progress(at, *call);
                let delivery = Delivery { entry: at, call: *call, destination: *destination };
                match self.by_name.get(message) {
                    Some(message) => self.messages[*message].deliveries.push(delivery),
                    None => self.refuse(at, "delivered before it was written"),
                }
            }
            Event::Opened { call, user, topic } => {
                self.check_in_progress(at, *call);
                if self.by_topic.insert(*topic, self.topics.len()).is_some() {
                    self.refuse(at, "a topic that was opened twice");
                }
                self.topics.push(Topic { id: *topic, user: *user, call: *call, entry: at });
            }
            Event::Numbered { call, user, number } => {
                self.check_in_progress(at, *call);
                let delivery =
                    Delivery { entry: at, call: *call, destination: Destination::User(*user) };
                match self.starts.get(user) {
                    Some(message) => self.messages[*message].deliveries.push(delivery),
                    None => self.refuse(at, "a number for a user who has not pressed Start"),
                }
                self.numbers.push(Request { user: *user, number: *number, entry: at });
            }
            Event::Answered { call, lost, .. } => self.answered(at, *call, *lost),
            Event::FaultBegins { fault, kind, .. } => {
                if self.open_faults.insert(*fault, self.faults.len()).is_some() {
                    self.refuse(at, "a fault that begins twice");
                }
                self.faults.push(Fault { kind: *kind, begins: at, effective_by: at, ends: last });
            }
            Event::FaultStruck { fault } => match self.open_faults.get(fault) {
                Some(fault) if self.faults[*fault].ends == last => {
                    self.faults[*fault].effective_by = at;
                }
                Some(_) => self.refuse(at, "a fault that has already ended"),
                None => self.refuse(at, "a fault that strikes before it begins"),
            },
            Event::FaultEnds { fault } => match self.open_faults.get(fault) {
                Some(fault) if self.faults[*fault].ends == last => self.faults[*fault].ends = at,
                Some(_) => self.refuse(at, "a fault that has already ended"),
                None => self.refuse(at, "a fault that ends before it begins"),
            },
        }
    }

    fn wrote(&mut self, at: usize, update: i64, name: &str, about: (i64, Side, Option<i64>)) {
        let (user, side, topic) = about;
        let next = self.messages.len();
        let known = self.by_name.insert(name.to_owned(), next).is_some()
            || self.by_update.insert(update, next).is_some()
            || (side == Side::ToNumber && self.starts.insert(user, next).is_some());
        if known {
            self.refuse(at, "written twice");
        }
        self.messages.push(Message {
            name: name.to_owned(),
            user,
            side,
            topic,
            written: at,
            handed_out: None,
            confirmed: None,
            deliveries: Vec::new(),
        });
    }

    fn confirmed(&mut self, at: usize, update: i64) {
        let Some(message) = self.by_update.get(&update).map(|at| &mut self.messages[*at]) else {
            return self.refuse(at, "confirmed before it was written");
        };
        let (handed_out, before) = (message.handed_out.is_some(), message.confirmed.is_some());
        message.confirmed.get_or_insert(at);
        if !handed_out {
            self.refuse(at, "confirmed before it was handed out");
        }
        if before {
            self.refuse(at, "confirmed twice");
        }
    }

    fn answered(&mut self, at: usize, call: u64, lost: bool) {
        let Some(call) = self.calls.get_mut(&call) else {
            return self.refuse(at, "an answer to a call that was not made");
        };
        call.answer_received = !lost;
        if call.answered.replace(at).is_some() {
            self.refuse(at, "a call that is answered twice");
        }
    }

    /// A call has an effect, so it must be in progress.
    fn check_in_progress(&mut self, at: usize, call: u64) {
        match self.calls.get(&call) {
            Some(call) if call.answered.is_none() => {}
            Some(_) => self.refuse(at, "an effect of a call that was already answered"),
            None => self.refuse(at, "an effect of a call that was not made"),
        }
    }
}
