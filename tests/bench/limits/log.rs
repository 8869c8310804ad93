//! What passed between a desk and its Telegram, with the simulator's times.
//!
//! Invariant: no two messages of a desk have the same text, so that a text names the message and its copy.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, mpsc::Receiver},
    time::Instant,
};

use serde_json::{Map, Value};
use telegram_simulator::{Record, Simulator};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::measured::Wait;

/// A copy of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// When the simulator accepted it.
    pub(super) at: Instant,
    /// The topic, if it is in one.
    pub(super) topic: Option<i64>,
    /// Number of the call that made it.
    pub(super) call: u64,
}

/// A call that the group's limit counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupCall {
    pub(super) at: Instant,
    pub(super) method: &'static str,
    /// Messages that it counts as.
    pub(super) slots: usize,
    /// The topic that it is about.
    pub(super) topic: Option<i64>,
}

/// What passed so far. Clones share it.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Seen>>);

struct Seen {
    group: i64,
    /// When the update with a text was queued.
    written: HashMap<String, Instant>,
    /// The first copy of each text.
    arrived: HashMap<String, Arrival>,
    /// Calls that count, by number.
    calls: BTreeMap<u64, GroupCall>,
    /// Topics of the group's messages.
    topics: HashMap<i64, i64>,
    /// Calls that are being made, and those that failed: the method, whether into the group, and when it was called.
    calling: HashMap<u64, FailedCall>,
    failed: Vec<FailedCall>,
    arrivals: UnboundedSender<String>,
}

/// A call that was not answered with a success.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailedCall {
    pub(super) at: Instant,
    pub(super) method: &'static str,
    pub(super) into_group: bool,
}

impl Log {
    /// Begins the log. The receiver gets the text of each message that arrives.
    pub(super) fn of(telegram: &Simulator, group: i64) -> (Self, UnboundedReceiver<String>) {
        let (arrivals, receiver) = unbounded_channel();
        let seen = Seen {
            group,
            written: HashMap::new(),
            arrived: HashMap::new(),
            calls: BTreeMap::new(),
            topics: HashMap::new(),
            calling: HashMap::new(),
            failed: Vec::new(),
            arrivals,
        };
        let log = Self(Arc::new(Mutex::new(seen)));
        let (reader, records) = (log.clone(), telegram.timed_records());
        // It ends with the simulator.
        std::thread::spawn(move || reader.read(&records));
        (log, receiver)
    }

    fn read(&self, records: &Receiver<(Instant, Record)>) {
        for (at, record) in records {
            self.seen().take(at, record);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap()
    }

    /// The copy of a text, if it has arrived.
    pub(super) fn arrival(&self, text: &str) -> Option<Arrival> {
        self.seen().arrived.get(text).copied()
    }

    /// When a text was written.
    pub(super) fn written(&self, text: &str) -> Option<Instant> {
        self.seen().written.get(text).copied()
    }

    /// The times from writing to arrival of the texts that begin with `prefix` and were written within `from..to`.
    pub(super) fn waits(&self, prefix: &str, from: Instant, to: Instant) -> Vec<Wait> {
        let (seen, now) = (self.seen(), Instant::now());
        let within = seen
            .written
            .iter()
            .filter(|(text, at)| text.starts_with(prefix) && (from..to).contains(*at));
        within
            .map(|(text, written)| match seen.arrived.get(text) {
                Some(arrival) => {
                    Wait { took: arrival.at.saturating_duration_since(*written), ended: true }
                }
                None => Wait { took: now.saturating_duration_since(*written), ended: false },
            })
            .collect()
    }

    /// Number of copies of texts with this prefix that were accepted within `from..to`.
    pub(super) fn arrivals(&self, prefix: &str, from: Instant, to: Instant) -> usize {
        let seen = self.seen();
        let arrived = seen.arrived.iter().filter(|(text, _)| text.starts_with(prefix));
        arrived.filter(|(_, arrival)| (from..to).contains(&arrival.at)).count()
    }

    /// The calls that failed, for whatever reason, made since `from`.
    pub(super) fn failed(&self, from: Instant) -> Vec<FailedCall> {
        self.seen().failed.iter().filter(|call| call.at >= from).copied().collect()
    }

    /// The calls that the group's limit counts, made within `from..to`, with their numbers.
    pub(super) fn calls(&self, from: Instant, to: Instant) -> Vec<(u64, GroupCall)> {
        let seen = self.seen();
        let calls = seen.calls.iter().filter(|(_, call)| (from..to).contains(&call.at));
        calls.map(|(number, call)| (*number, *call)).collect()
    }
}

/// The slots that calls took, by method.
pub(super) fn by_method(calls: impl IntoIterator<Item = (u64, GroupCall)>) -> String {
    let mut methods: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, call) in calls {
        *methods.entry(call.method).or_default() += call.slots;
    }
    let methods: Vec<String> =
        methods.iter().map(|(method, slots)| format!("{method} {slots}")).collect();
    methods.join(", ")
}

impl Seen {
    fn take(&mut self, at: Instant, record: Record) {
        match record {
            Record::Queued { content, .. } => {
                let update: Value = serde_json::from_str(&content).unwrap();
                if let Some(text) = update["message"]["text"].as_str() {
                    self.written.entry(text.to_owned()).or_insert(at);
                }
            }
            Record::Called { call, method, parameters } => {
                let chat = parameters.get("chat_id").and_then(Value::as_i64);
                let into_group = chat == Some(self.group);
                self.calling.insert(call, FailedCall { at, method, into_group });
                if into_group && let Some(slots) = slots(method, &parameters) {
                    let number = |name: &str| parameters.get(name).and_then(Value::as_i64);
                    let of_message = || self.topics.get(&number("message_id")?).copied();
                    let topic = number("message_thread_id").or_else(of_message);
                    self.calls.insert(call, GroupCall { at, method, slots, topic });
                }
            }
            Record::Posted { call, chat, topic, message, content } => {
                if let Some(topic) = topic.filter(|_| chat == self.group) {
                    self.topics.insert(message, topic);
                    // The topic of the call that has just created it is known only now.
                    self.calls.entry(call).and_modify(|call| call.topic = Some(topic));
                }
                let Some(text) = content.get("text").and_then(Value::as_str) else { return };
                if self.written.contains_key(text) && !self.arrived.contains_key(text) {
                    self.arrived.insert(text.to_owned(), Arrival { at, topic, call });
                    // Nobody listens at the end.
                    let _ = self.arrivals.send(text.to_owned());
                }
            }
            Record::Answered { call, ok, .. } => {
                self.failed.extend(self.calling.remove(&call).filter(|_| !ok));
            }
            Record::HandedOut { .. } | Record::Confirmed { .. } | Record::Noted(_) => {}
        }
    }
}

/// Messages that a call into the group counts as; `None` if the limit does not count it. The same rule as the
/// simulator's.
fn slots(method: &str, parameters: &Map<String, Value>) -> Option<usize> {
    let counted =
        ["send", "copyMessage", "forwardMessage", "editMessage", "pinChat", "unpinChatMessage"]
            .iter()
            .any(|name| method.starts_with(name))
            || method.ends_with("ForumTopic");
    let batch = parameters.get("message_ids").or_else(|| parameters.get("media"));
    let size = batch.and_then(Value::as_array).map_or(1, Vec::len);
    (counted && method != "sendChatAction").then_some(size.max(1))
}
