//! What a decision is: the next state, what must be done, and what is worth counting.

use std::time::Duration;

use super::{Conversation, DeadId, Effect, WelcomeEnd};

/// The outcome of one event. A value: committing it is somebody else's work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decision {
    /// The conversation as it is from now on; `None` if there is none, or it does not change.
    pub next: Option<Conversation>,
    /// What must be done at Telegram, in this order.
    pub effects: Vec<Effect>,
    /// Failed sends to try again.
    pub retries: Vec<DeadId>,
    /// What is worth counting.
    pub facts: Vec<Fact>,
    /// Nothing was to be done: a note, a banned user, somebody else's topic.
    pub ignored: bool,
}

/// Something worth counting, once it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Someone wrote for the first time.
    Opened,
    /// An operator answered what had waited this long.
    Answered {
        /// Since the first message that was waiting.
        after: Duration,
    },
    /// A run of the welcome ended.
    WelcomeEnded(WelcomeEnd),
    /// A user answered a question of the scene.
    Chose {
        /// The place of the question.
        step: usize,
        /// Which of its buttons.
        choice: usize,
    },
}

impl Decision {
    /// Nothing is to be done.
    pub fn ignored() -> Self {
        Self { ignored: true, ..Self::default() }
    }

    /// Only these effects; the conversation stays as it is.
    pub fn only(effects: Vec<Effect>) -> Self {
        Self { effects, ..Self::default() }
    }
}
