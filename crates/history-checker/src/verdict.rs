//! What a judgement says.

use std::fmt;

use super::Figures;

/// The judgement of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What happened in it.
    pub figures: Figures,
    /// What must not have happened; the first offending entry first.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Whether all promises were kept.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }
}

/// A promise that was not kept. `entries` are numbers of lines, from 1 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The history contradicts itself or is not whole, so it cannot be judged.
    Malformed {
        /// The lines.
        entries: Vec<usize>,
        /// What is wrong with them.
        why: String,
    },
    /// The desk was handed an update, or was to be, and never confirmed it.
    Unconfirmed {
        /// Where the message was written.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A call has no answer though nothing was wrong any more.
    Unanswered {
        /// The call.
        entries: Vec<usize>,
    },
    /// A confirmed message was never delivered.
    Lost {
        /// Where it was written and confirmed.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A message was delivered before the desk had been handed it.
    Early {
        /// Where it was written and delivered.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// A message is in somebody else's chat or topic.
    Misplaced {
        /// Where it was written and delivered.
        entries: Vec<usize>,
        /// The message.
        message: String,
    },
    /// Two messages of a conversation arrived in another order than they were written in.
    Disordered {
        /// Their first deliveries: of the one written first, of the other.
        entries: Vec<usize>,
        /// The one that was written first.
        first: String,
        /// The one that arrived first.
        second: String,
    },
    /// Something was done again, and no call for it was under way at a fault; or more than can have been.
    Repeated {
        /// What was done, and done again.
        entries: Vec<usize>,
        /// A message, or a topic.
        what: String,
    },
    /// A user's messages were put into two topics.
    TwoTopics {
        /// Where they were opened.
        entries: Vec<usize>,
        /// The user.
        user: i64,
    },
    /// A number was given to two requests, or a request has two numbers.
    NumberTwice {
        /// Where they were told.
        entries: Vec<usize>,
        /// The later of them.
        number: i64,
    },
    /// A number was given to no request.
    NumberSkipped {
        /// Where a later one was told.
        entries: Vec<usize>,
        /// The one that is missing.
        number: i64,
    },
}

impl Violation {
    /// The lines of the history that show it.
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
            | Self::NumberTwice { entries, .. }
            | Self::NumberSkipped { entries, .. } => entries,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { why, .. } => write!(to, "cannot be judged: {why}"),
            Self::Unconfirmed { message, .. } => write!(to, "never confirmed: {message}"),
            Self::Unanswered { .. } => write!(to, "a call without an answer, and without a fault"),
            Self::Lost { message, .. } => write!(to, "confirmed and never delivered: {message}"),
            Self::Early { message, .. } => write!(to, "delivered before it was known: {message}"),
            Self::Misplaced { message, .. } => write!(to, "in the wrong place: {message}"),
            Self::Disordered { first, second, .. } => {
                write!(to, "out of order: {second} came before {first}")
            }
            Self::Repeated { what, .. } => {
                write!(to, "done again without having been under way at a fault: {what}")
            }
            Self::TwoTopics { user, .. } => write!(to, "two topics in use for user {user}"),
            Self::NumberTwice { number, .. } => write!(to, "two uses of request number {number}"),
            Self::NumberSkipped { number, .. } => write!(to, "nobody has request number {number}"),
        }?;
        let lines: Vec<String> = self.entries().iter().map(ToString::to_string).collect();
        write!(to, " (lines {})", lines.join(", "))
    }
}

impl fmt::Display for Verdict {
    /// The figures, and the first ten violations, each on a line.
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
