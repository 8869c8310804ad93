//! Turns the records of the simulated Telegram into a history: it assigns texts and topics to users.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, mpsc::Receiver},
    thread::JoinHandle,
    time::Instant,
};

use history_checker::{Destination, Entry, Event, Side};
use serde_json::{Map, Value};
use telegram_simulator::{Record, Simulator};

/// Messages that were written and have not arrived yet.
type Missing = Arc<Mutex<BTreeSet<String>>>;

/// Records a history until it is ended.
pub(super) struct Recorder {
    telegram: Arc<Simulator>,
    missing: Missing,
    thread: JoinHandle<Vec<Entry>>,
}

impl Recorder {
    /// Starts a history.
    pub(super) fn start(telegram: &Arc<Simulator>, group: i64, begins: &Event) -> Self {
        let records = telegram.records();
        let telegram = Arc::clone(telegram);
        let missing = Missing::default();
        let reader = Reader { group, missing: Arc::clone(&missing), ..Reader::default() };
        let thread = std::thread::spawn(move || reader.read(&records));
        let recorder = Self { telegram, missing, thread };
        recorder.note(begins);
        recorder
    }

    /// Adds an event that Telegram cannot see.
    pub(super) fn note(&self, event: &Event) {
        self.telegram.note(serde_json::to_string(event).unwrap());
    }

    /// Number of messages that have not arrived.
    pub(super) fn missing(&self) -> usize {
        self.missing.lock().unwrap().len()
    }

    /// Ends the history and returns it.
    pub(super) fn finish(self) -> Vec<Entry> {
        self.note(&Event::Ends);
        self.thread.join().unwrap()
    }
}

/// State gathered from the records so far.
#[derive(Default)]
struct Reader {
    group: i64,
    missing: Missing,
    /// Users by name.
    users: BTreeMap<String, i64>,
    /// Updates with a message that the checker checks.
    updates: BTreeSet<i64>,
    /// Calls that only read, which the checker ignores.
    reads: BTreeSet<u64>,
    entries: Vec<Entry>,
}

impl Reader {
    fn read(mut self, records: &Receiver<Record>) -> Vec<Entry> {
        let begun = Instant::now();
        // Updates that waited at the start precede the first event.
        let mut early = Vec::new();
        for record in records {
            let Some(event) = self.event(record) else { continue };
            let at = u64::try_from(begun.elapsed().as_millis()).unwrap();
            let ends = event == Event::Ends;
            let begins = matches!(event, Event::Begins { .. });
            self.entries.push(Entry { at, event });
            if begins {
                let last = self.entries.len() - 1;
                early.extend(self.entries.drain(..last));
                self.entries.append(&mut early);
            }
            if ends {
                break;
            }
        }
        self.entries
    }

    fn event(&mut self, record: Record) -> Option<Event> {
        match record {
            Record::Queued { update, content } => self.wrote(update, &content),
            Record::HandedOut { update } => {
                self.updates.contains(&update).then_some(Event::HandedOut { update })
            }
            Record::Confirmed { update } => {
                self.updates.contains(&update).then_some(Event::Confirmed { update })
            }
            Record::Called { call, method, .. } if method.starts_with("get") => {
                self.reads.insert(call);
                None
            }
            Record::Called { call, method, .. } => {
                Some(Event::Called { call, method: method.to_owned() })
            }
            Record::Posted { call, chat, topic, message, content } => {
                self.posted(call, (chat, topic, message), &content)
            }
            Record::Answered { call, ok, lost } => {
                (!self.reads.remove(&call)).then_some(Event::Answered { call, ok, lost })
            }
            Record::Noted(note) => Some(serde_json::from_str(&note).unwrap()),
        }
    }

    fn wrote(&mut self, update: i64, content: &str) -> Option<Event> {
        let content: Value = serde_json::from_str(content).unwrap();
        let message = &content["message"];
        let text = message["text"].as_str().or(message["caption"].as_str())?;
        let chat = message["chat"]["id"].as_i64()?;
        let name = message["from"]["first_name"].as_str()?;
        if message["from"]["is_bot"] == true {
            return None;
        }
        let (message, user, side, topic) = if chat == self.group {
            let (to, _) = text.split_once(" is answered #")?;
            let topic = message["message_thread_id"].as_i64();
            (text.to_owned(), *self.users.get(to)?, Side::ToUser, topic)
        } else {
            self.users.insert(name.to_owned(), chat);
            if text == "/start" {
                (start(chat), chat, Side::ToNumber, None)
            } else {
                text.split_once(" asks #")?;
                (text.to_owned(), chat, Side::ToTopic, None)
            }
        };
        self.updates.insert(update);
        self.missing.lock().unwrap().insert(message.clone());
        Some(Event::Wrote { update, message, user, side, topic })
    }

    fn posted(
        &self,
        call: u64,
        (chat, topic, message): (i64, Option<i64>, i64),
        content: &Map<String, Value>,
    ) -> Option<Event> {
        if let Some(opened) = content.get("forum_topic_created") {
            let title = opened["name"].as_str().unwrap_or_default();
            let (_, user) = self.users.iter().find(|(name, _)| title.contains(name.as_str()))?;
            return Some(Event::Opened { call, user: *user, topic: message });
        }
        let text = content.get("text").or(content.get("caption"))?.as_str()?;
        let is_numbered = text.split_once(" #").is_some_and(|(begin, number)| {
            (begin.ends_with(" asks") || begin.ends_with(" is answered"))
                && number.parse::<u64>().is_ok()
        });
        let arrived = |name: &str| self.missing.lock().unwrap().remove(name);
        if is_numbered {
            arrived(text);
            let destination = if chat == self.group {
                topic.map_or(Destination::General, Destination::Topic)
            } else {
                Destination::User(chat)
            };
            return Some(Event::Delivered { call, message: text.to_owned(), destination });
        }
        let number = text.strip_prefix("No. ").filter(|_| chat != self.group)?.parse().ok()?;
        arrived(&start(chat));
        Some(Event::Numbered { call, user: chat, number })
    }
}

/// Name of the message that stands for a user's Start.
fn start(user: i64) -> String {
    format!("Start of {user}")
}
