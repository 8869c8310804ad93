//! Records of what passed between Telegram and the bot: every update and call, for a test that checks them afterwards.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver},
    },
    time::Instant,
};

use serde_json::{Map, Value};

/// One thing that happened. Records are in the order of events: each is made where the world changes, under its
/// lock.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// An update waits for the bot.
    Queued {
        /// Its number.
        update: i64,
        /// Its JSON.
        content: Arc<str>,
    },
    /// An update is about to be sent to the bot, as the answer to a poll or by the webhook; perhaps once more.
    HandedOut {
        /// Its number.
        update: i64,
    },
    /// The bot has confirmed an update, by an offset or by its answer to a push: it does not come again.
    Confirmed {
        /// Its number.
        update: i64,
    },
    /// The bot has called a method. It has had no effect yet.
    Called {
        /// The number of the call: 1, 2, 3, …
        call: u64,
        /// The method as the documentation spells it.
        method: &'static str,
        /// Its parameters as they were understood.
        parameters: Arc<Map<String, Value>>,
    },
    /// A call has put a message into a chat.
    Posted {
        /// The call's number.
        call: u64,
        /// The chat.
        chat: i64,
        /// The topic, if it is in one.
        topic: Option<i64>,
        /// The message's id in the chat.
        message: i64,
        /// What it says, as the Bot API's `Message` has it: `text`, `caption`, `forum_topic_created`, …
        content: Arc<Map<String, Value>>,
    },
    /// A call is about to be answered. A call whose connection was closed before has no such record.
    Answered {
        /// The call's number.
        call: u64,
        /// Whether the answer says that it was done.
        ok: bool,
        /// Whether a fault keeps the answer from the bot.
        lost: bool,
    },
    /// A note of the test's own, in its place among the others.
    Noted(String),
}

/// The listener for records, if there is one. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records(Arc<Inner>);

#[derive(Default)]
struct Inner {
    listener: Mutex<Option<Listener>>,
    calls: AtomicU64,
}

/// Takes a record; `false` if nobody wants more.
type Listener = Box<dyn Fn(Record) -> bool + Send>;

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Inner").field("calls", &self.calls).finish_non_exhaustive()
    }
}

impl Records {
    /// From now on records go to this receiver; earlier receivers get no more.
    pub(crate) fn listen(&self) -> Receiver<Record> {
        let (sender, receiver) = mpsc::channel();
        self.replace(Box::new(move |record| sender.send(record).is_ok()));
        receiver
    }

    /// The same, each record with the time at which it was made.
    pub(crate) fn listen_timed(&self) -> Receiver<(Instant, Record)> {
        let (sender, receiver) = mpsc::channel();
        self.replace(Box::new(move |record| sender.send((Instant::now(), record)).is_ok()));
        receiver
    }

    fn replace(&self, listener: Listener) {
        *self.0.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    /// The number of the next call.
    pub(crate) fn next_call(&self) -> u64 {
        self.0.calls.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Sends a record to the listener. Without one the record is not even made.
    pub(crate) fn add(&self, record: impl FnOnce() -> Record) {
        let mut listener = self.0.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(takes) = listener.as_ref()
            && !takes(record())
        {
            *listener = None;
        }
    }
}
