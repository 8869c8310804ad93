//! A conversation's progress in the welcome.

use std::collections::BTreeMap;

use crate::Millis;

/// A conversation's progress in the welcome, and what the welcome has learnt of the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WelcomeProgress {
    /// The latest run; `None` if the welcome was never played.
    pub run: Option<WelcomeRun>,
    /// When the welcome continues by itself.
    pub due: Option<Millis>,
    /// The user's answers, by question.
    pub answers: BTreeMap<String, String>,
    /// The time zone that the user chose.
    pub zone: Option<String>,
    /// Lines that operators have not seen, because there was no topic yet.
    pub unseen: Vec<String>,
}

/// One run of the welcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WelcomeRun {
    /// The ordinal of the run among the user's runs, from 1. Buttons carry it, so that those of an earlier run have no
    /// effect.
    pub number: u32,
    /// The shape of the scene at the beginning of the run.
    pub shape: u32,
    /// The position in the scene.
    pub position: ScenePosition,
}

/// The position of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenePosition {
    /// At a question, waiting for a press.
    Asking(usize),
    /// Before a step, waiting for the conversation's timer.
    Waiting(usize),
    /// At the end.
    Over,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WelcomeEnd {
    /// The scene was played to its end.
    Finished,
    /// An operator answered.
    Answered,
    /// The user was banned.
    Banned,
    /// The user pressed Start again.
    Restarted,
    /// An operator closed the conversation.
    Closed,
    /// The user blocked the bot.
    Left,
    /// The owner changed the scene.
    Changed,
}

impl WelcomeProgress {
    /// Ends the run where it is. Returns `how` if it was still in progress.
    pub fn end(&mut self, how: WelcomeEnd) -> Option<WelcomeEnd> {
        self.due = None;
        let run = self.run.as_mut()?;
        let position = std::mem::replace(&mut run.position, ScenePosition::Over);
        (position != ScenePosition::Over).then_some(how)
    }
}
