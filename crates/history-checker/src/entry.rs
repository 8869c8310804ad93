//! What a history consists of.

use serde::{Deserialize, Serialize};

/// One line of a history. Lines stand in the order in which things happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the history began.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first line.
    Begins {
        /// What is tried, in a few words.
        name: String,
        /// What its random choices were drawn with.
        seed: u64,
        /// Processes of the desk.
        processes: u64,
        /// Calls that each of them has under way at most.
        calls_at_once: u64,
    },
    /// Somebody wrote a message; the update that tells of it waits for the desk.
    Wrote {
        /// The number of the update.
        update: i64,
        /// What tells the message from every other, however often it is copied.
        message: String,
        /// The user who wrote it, or to whom it is written.
        user: i64,
        /// Where it is to go.
        side: Side,
        /// The topic that an answer was written in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<i64>,
    },
    /// An update is on its way to the desk, perhaps once more.
    HandedOut {
        /// Its number.
        update: i64,
    },
    /// The desk has confirmed an update: it does not come again.
    Confirmed {
        /// Its number.
        update: i64,
    },
    /// The desk has called a method; nothing has come of it yet.
    Called {
        /// The number of the call.
        call: u64,
        /// The method.
        method: String,
    },
    /// A call has put a copy of a message into a chat.
    Delivered {
        /// The number of the call.
        call: u64,
        /// The message.
        message: String,
        /// Where the copy is.
        place: Destination,
    },
    /// A call has opened a topic.
    Opened {
        /// The number of the call.
        call: u64,
        /// The user whom it is for.
        user: i64,
        /// The topic.
        topic: i64,
    },
    /// A call has told a user the number of their request.
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
        /// Whether the answer says that it was done.
        ok: bool,
        /// Whether the answer was kept from the desk.
        lost: bool,
    },
    /// Something is about to go wrong. What was under way before may be concerned.
    FaultBegins {
        /// The number of the fault.
        fault: u64,
        /// What it is.
        kind: FaultKind,
        /// The process, if it befalls one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<u64>,
    },
    /// The store has been emptied, or its master is dead: it happened between the beginning of the fault and this.
    FaultStruck {
        /// The number of the fault.
        fault: u64,
    },
    /// Everything works again.
    FaultEnds {
        /// The number of the fault.
        fault: u64,
    },
    /// The last line: nobody wrote any more, and nothing happened any more.
    Ends,
}

/// Where a message is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A user's message: into the user's topic.
    ToTopic,
    /// An operator's answer: into the user's chat.
    ToUser,
    /// A user's Start, which is answered with the number of the request.
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
    /// The group outside of all topics.
    General,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A process is killed. It ends when the process works again.
    Kill,
    /// A process is asked to stop, does so, and is started again. It may repeat nothing.
    Stop,
    /// A process is frozen. It ends some seconds after the process goes on.
    Freeze,
    /// All connections to Telegram are closed.
    Cut,
    /// The store answers nothing for a while. Nothing may be repeated for that.
    StoreFrozen,
    /// The store loses everything. It ends when the desk works with the empty one.
    StoreEmptied,
    /// The store's master is killed and its replica takes over. It ends when the desk works with that.
    Failover,
}

impl FaultKind {
    /// All there are.
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
