//! The verdict on a history.

use std::fmt;

use super::Figures;

/// The verdict on a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Counts of what happened.
    pub figures: Figures,
    /// The broken promises, ordered by their first entry.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether all promises were kept.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

/// A broken promise. `entries` are line numbers, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The history contradicts itself or is incomplete, so it cannot be checked.
    Malformed {
        /// The contradictory lines.
        entries: Vec<usize>,
        /// The contradiction.
        why: String,
    },
    /// An update was sent to the desk, or waited for it, and was never confirmed.
    Unconfirmed {
        /// The line that wrote the message.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A call has no answer, and no fault explains that.
    Unanswered {
        /// The line of the call.
        entries: Vec<usize>,
    },
    /// A confirmed message was never delivered.
    Lost {
        /// The lines that wrote and confirmed the message.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A message was delivered before its update reached the desk.
    Early {
        /// The lines that wrote and delivered the message.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A message is in another user's chat or topic.
    Misplaced {
        /// The lines that wrote and delivered the message.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// Two messages of a conversation arrived in the wrong order.
    Disordered {
        /// The first deliveries: of the message written first, then of the other.
        entries: Vec<usize>,
        /// The message that was written first.
        first: String,
        /// The message that arrived first.
        second: String,
    },
    /// Work was repeated, and no fault or lost answer excuses the repeat.
    Repeated {
        /// The lines of the work and of its repeat.
        entries: Vec<usize>,
        /// The message or topic.
        what: String,
    },
    /// A user's messages were put into two topics.
    TwoTopics {
        /// The lines that opened them.
        entries: Vec<usize>,
        /// The user.
        user: i64,
    },
    /// Two requests have the same number, or a request has two numbers.
    DuplicateNumber {
        /// The lines with the numbers.
        entries: Vec<usize>,
        /// The later of the two numbers.
        number: i64,
    },
    /// A number was skipped.
    SkippedNumber {
        /// The line with the highest number.
        entries: Vec<usize>,
        /// The missing number.
        number: i64,
    },
}

impl Violation {
    /// The line numbers that show the violation.
    pub fn entries(&self) -> &[usize] {
        match self {
            Self::Malformed { entries, .. }
            | Self::Unconfirmed { entries, .. }
            | Self::Unanswered { entries }
            | Self::Lost { entries, .. }
            | Self::Early { entries, .. }
            | Self::Misplaced { entries, .. }
            | Self::Disordered { entries, .. }
            | Self::Repeated { entries, .. }
            | Self::TwoTopics { entries, .. }
            | Self::DuplicateNumber { entries, .. }
            | Self::SkippedNumber { entries, .. } => entries,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { why, .. } => write!(to, "cannot be checked: {why}"),
            Self::Unconfirmed { message, .. } => write!(to, "never confirmed: {message}"),
            Self::Unanswered { .. } => write!(to, "a call without an answer, and without a fault"),
            Self::Lost { message, .. } => write!(to, "confirmed and never delivered: {message}"),
            Self::Early { message, .. } => write!(to, "delivered too early: {message}"),
            Self::Misplaced { message, .. } => {
                write!(to, "in the wrong place: {message}")
            }
            Self::Disordered { first, second, .. } => {
                write!(to, "out of order: {second} came before {first}")
            }
            Self::Repeated { what, .. } => {
                write!(to, "repeated without a fault or a lost answer: {what}")
            }
            Self::TwoTopics { user, .. } => write!(to, "two topics in use for user {user}"),
            Self::DuplicateNumber { number, .. } => {
                write!(to, "two uses of request number {number}")
            }
            Self::SkippedNumber { number, .. } => write!(to, "nobody has request number {number}"),
        }?;
        let lines: Vec<String> = self.entries().iter().map(ToString::to_string).collect();
        write!(to, " (lines {})", lines.join(", "))
    }
}

impl fmt::Display for Verdict {
    /// The figures and the first ten violations, one per line.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.figures)?;
        for violation in self.violations.iter().take(10) {
            write!(to, "\n  {violation}")?;
        }
        match self.violations.len().saturating_sub(10) {
            0 => Ok(()),
            more => write!(to, "\n  … and {more} more"),
        }
    }
}
