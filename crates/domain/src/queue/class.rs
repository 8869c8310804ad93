//! The urgency of queued sends.

/// The urgency of a send. The most urgent class goes first when rate limits make sends wait; the lowest value is the
/// most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Answers to button presses, which expire.
    Button,
    /// From an operator to the user.
    ToUser,
    /// From the user to the topic.
    ToTopic,
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
    pub const ALL: [Self; 7] = [
        Self::Button,
        Self::ToUser,
        Self::ToTopic,
        Self::Notice,
        Self::Cosmetic,
        Self::Track,
        Self::Newsletter,
    ];
}
