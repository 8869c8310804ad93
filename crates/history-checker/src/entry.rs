//! The entries of a history.

use serde::{Deserialize, Serialize};

/// One line of a history. Lines are in order of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the history began.
    pub at: u64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// An event of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first line.
    Begins {
        /// A short description of the experiment.
        name: String,
        /// The seed of its random choices.
        seed: u64,
        /// The number of the desk's processes.
        processes: u64,
        /// Calls that each process makes at once, at most.
        calls_at_once: u64,
    },
    /// Someone wrote a message. Its update waits for the desk.
    Wrote {
        /// The id of the update.
        update: i64,
        /// A name that identifies the message, however often it is copied.
        message: String,
        /// The user who wrote the message, or to whom it is written.
        user: i64,
        /// The direction of the message.
        side: Side,
        /// The topic in which an answer was written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<i64>,
    },
    /// Telegram sends an update to the desk, perhaps again.
    HandedOut {
        /// The id of the update.
        update: i64,
    },
    /// The desk has confirmed an update, so Telegram does not send it again.
    Confirmed {
        /// The id of the update.
        update: i64,
    },
    /// The desk has called a method, without an effect so far.
    Called {
        /// The number of the call.
        call: u64,
        /// The Bot API method.
        method: String,
    },
    /// A call has put a copy of a message into a chat.
    Delivered {
        /// The number of the call.
        call: u64,
        /// The message.
        message: String,
        /// The chat or topic with the copy.
        #[serde(rename = "place")]
        destination: Destination,
    },
    /// A call has opened a topic.
    Opened {
        /// The number of the call.
        call: u64,
        /// The user to whom the topic belongs.
        user: i64,
        /// The id of the topic.
        topic: i64,
    },
    /// A call has sent a user the number of their request.
    Numbered {
        /// The number of the call.
        call: u64,
        /// The user.
        user: i64,
        /// The number of the request.
        number: i64,
    },
    /// A call was answered.
    Answered {
        /// The number of the call.
        call: u64,
        /// Whether the call succeeded.
        ok: bool,
        /// Whether the answer was lost on its way to the desk.
        lost: bool,
    },
    /// A fault is about to be caused. It may affect work that began earlier.
    FaultBegins {
        /// The number of the fault.
        fault: u64,
        /// The kind of fault.
        kind: FaultKind,
        /// The affected process, if the fault affects only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u64>,
    },
    /// The store is empty, or its master is dead. It happened between the beginning of the fault and this entry.
    FaultStruck {
        /// The number of the fault.
        fault: u64,
    },
    /// Everything works again.
    FaultEnds {
        /// The number of the fault.
        fault: u64,
    },
    /// The last line: nobody writes any more, and the desk is idle.
    Ends,
}

/// The direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// From a user, into the user's topic.
    ToTopic,
    /// An operator's answer, into the user's chat.
    ToUser,
    /// A user's Start. The answer contains the number of the request.
    ToNumber,
}

/// A chat, or a topic of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A topic.
    Topic(i64),
    /// A user's chat.
    User(i64),
    /// The group, outside all topics.
    General,
}

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A process is killed. The fault ends when the process works again.
    Kill,
    /// A process is asked to stop, stops, and is started again. It may not repeat anything.
    Stop,
    /// A process is frozen. The fault ends some seconds after the process resumes.
    Freeze,
    /// All connections to Telegram are closed.
    Cut,
    /// The store does not answer for a while. That excuses no repeat.
    StoreFrozen,
    /// The store loses everything. The fault ends when the desk works with the empty store.
    StoreEmptied,
    /// The store's master is killed and its replica takes over. The fault ends when the desk works with the replica.
    Failover,
}

impl FaultKind {
    /// All kinds of faults.
    pub const ALL: [Self; 7] = [
        Self::Kill,
        Self::Stop,
        Self::Freeze,
        Self::Cut,
        Self::StoreFrozen,
        Self::StoreEmptied,
        Self::Failover,
    ];
}
