//! The urgency of queued sends.

/// The urgency of a send. The most urgent class goes first when rate limits make sends wait; the lowest value is the
/// most urgent. The operators' group has a budget for each class (see the engine's limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Answers to button presses, which expire.
    Button,
    /// From an operator to the user.
    ToUser,
    /// Answers to operators' commands in a topic, and sends that an operator tries again.
    Urgent,
    /// From a user whom the operators know to the topic.
    Known,
    /// From a user who has no topic yet: the topic is opened.
    Opening,
    /// From any other user to the topic.
    Stranger,
    /// Messages of the desk itself.
    Notice,
    /// Cosmetic calls: names, cards, pins.
    Cosmetic,
    /// Reports to the tracker.
    Track,
    /// Newsletters: they use only what the other classes leave.
    Newsletter,
}

impl Class {
    /// All classes, most urgent first.
    pub const ALL: [Self; 10] = [
        Self::Button,
        Self::ToUser,
        Self::Urgent,
        Self::Known,
        Self::Opening,
        Self::Stranger,
        Self::Notice,
        Self::Cosmetic,
        Self::Track,
        Self::Newsletter,
    ];
}

/// How well the operators know a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// An operator has answered lately.
    Known,
    /// No operator has answered lately.
    Stranger,
    /// The same, and the user has no topic.
    New,
}

impl Standing {
    /// The class of what the user writes.
    pub fn class(self) -> Class {
        match self {
            Self::Known => Class::Known,
            Self::Stranger => Class::Stranger,
            Self::New => Class::Opening,
        }
    }
}
