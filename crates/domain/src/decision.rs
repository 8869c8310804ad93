//! Decisions: the next state, the effects, and facts to count.

use std::time::Duration;

use crate::{Conversation, DeadId, Effect, Millis, WelcomeEnd};

/// The outcome of one event. It is a plain value; the caller commits it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The new conversation; `None` if no conversation exists, or it does not change.
    pub next: Option<Conversation>,
    /// Effects at Telegram, in this order.
    pub effects: Vec<Effect>,
    /// Dead letters to replay.
    pub retries: Vec<DeadId>,
    /// Facts to count.
    pub facts: Vec<Fact>,
    /// The effects in the topic are held until this moment at the latest, or until the user pauses.
    pub hold_until: Option<Millis>,
    /// The holds that end at this moment at the latest end now.
    pub release: Option<Millis>,
    /// Whether there was nothing to do, for example: a banned user's message, or an event in a topic without a user.
    pub ignored: bool,
}

/// Something to count after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// A user wrote for the first time.
    Opened,
    /// An operator answered a user who was waiting.
    Answered {
        /// Time since the first unanswered message.
        after: Duration,
    },
    /// A run of the welcome ended.
    WelcomeEnded(WelcomeEnd),
    /// A user answered a question of the welcome.
    Chose {
        /// Index of the question's step.
        step: usize,
        /// Index of the button in the question.
        choice: usize,
    },
}

impl Decision {
    /// Returns the decision to do nothing.
    pub fn ignored() -> Self {
        Self { ignored: true, ..Self::default() }
    }

    /// Returns a decision with these effects that leaves the conversation unchanged.
    pub fn only(effects: Vec<Effect>) -> Self {
        Self { effects, ..Self::default() }
    }
}
