//! What the owner's file says, as values.
//!
//! Invariant: between two waits or questions a scene only goes forward, so playing on always ends; whoever makes one
//! checks that.

use std::time::Duration;

use crate::{Goals, Language};

/// A scene. Places in it are positions in `steps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// The topic is opened with the scene, not with the user's first message.
    pub open_topic: bool,
    /// Tells scenes apart whose places mean something else; new words make no new scene.
    pub shape: u32,
    /// The time zones that it asks for the time of day in. The first is that of users who have chosen none.
    pub zones: Vec<String>,
    /// What is played, from the first on.
    pub steps: Vec<SceneStep>,
    /// What the tracker is told of beside presses of buttons.
    pub goals: Goals,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneStep {
    /// When it is played; otherwise the next one is.
    pub when: When,
    /// What is played.
    pub act: SceneAct,
}

/// The conditions of a step, which hold at a moment or do not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// Only to who is spoken to in this language.
    pub language: Option<Language>,
    /// Only in these hours; always, if there are none.
    pub hours: Vec<Hours>,
}

/// A part of the day, in minutes since midnight. It may go on over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first minute.
    pub from: u16,
    /// The first minute that does not belong to it any more.
    pub to: u16,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SceneAct {
    /// Says something.
    Say(Saying),
    /// Says something with buttons, and goes on with a press.
    Ask {
        /// What is said.
        saying: Saying,
        /// What the answers are kept under.
        question: String,
        /// The buttons.
        choices: Vec<Choice>,
    },
    /// Goes on after this time.
    Wait(Duration),
    /// Goes on at this step, a later one.
    Go(usize),
    /// Ends the scene.
    End,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// The words, in Telegram's HTML, with `{name}` and `{number}` where those go.
    pub words: Words,
    /// The name of a picture that they stand under.
    pub picture: Option<String>,
}

/// The same in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// In English.
    pub english: String,
    /// In Russian.
    pub russian: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is kept of its press.
    pub answer: String,
    /// Its label, without formatting.
    pub label: Words,
    /// Where its press leads; `None`: to the next step.
    pub goes: Option<usize>,
    /// Whoever presses it lives in this time zone.
    pub zone: Option<String>,
    /// The goal that its press reaches.
    pub goal: Option<String>,
}

/// How much a scene may hold.
#[derive(Debug)]
pub struct Maximum {
    /// Steps.
    pub steps: usize,
    /// Questions: each is a label of a metric.
    pub questions: usize,
    /// Buttons of a question: with the questions, so many series.
    pub choices: usize,
    /// Time zones.
    pub zones: usize,
    /// Letters of a key.
    pub key: usize,
    /// Characters of the name of a goal.
    pub goal: usize,
    /// A wait.
    pub wait: Duration,
}

/// What a scene may hold at most.
pub const MAXIMUM: Maximum = Maximum {
    steps: 200,
    questions: 20,
    choices: 12,
    zones: 24,
    key: 24,
    goal: 64,
    wait: Duration::from_hours(24 * 30),
};

impl Words {
    /// In this language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Russian => &self.russian,
        }
    }
}

impl Hours {
    /// Whether a minute of the day is in them.
    pub fn hold(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl When {
    /// Whether it holds for who is spoken to in this language, at this minute of their day.
    pub fn holds(&self, language: Language, minute: u16) -> bool {
        self.language.is_none_or(|only| only == language)
            && (self.hours.is_empty() || self.hours.iter().any(|hours| hours.hold(minute)))
    }

    /// Whether it always does.
    pub fn is_always(&self) -> bool {
        self.language.is_none() && self.hours.is_empty()
    }
}

impl Scene {
    /// The time zone of a user, as a position in `zones`; one that is not there any more counts as none.
    pub fn zone(&self, chosen: Option<&str>) -> usize {
        chosen.and_then(|chosen| self.zones.iter().position(|zone| zone == chosen)).unwrap_or(0)
    }

    /// Every question with the answers that it takes, and its place.
    pub fn questions(&self) -> impl Iterator<Item = (usize, &str, &[Choice])> {
        self.steps.iter().enumerate().filter_map(|(at, step)| match &step.act {
            SceneAct::Ask { question, choices, .. } => {
                Some((at, question.as_str(), choices.as_slice()))
            }
            SceneAct::Say(_) | SceneAct::Wait(_) | SceneAct::Go(_) | SceneAct::End => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_on_over_midnight() {
        let night = Hours { from: 23 * 60, to: 5 * 60 };
        let holding: Vec<bool> =
            [22 * 60 + 59, 23 * 60, 0, 5 * 60 - 1, 5 * 60].map(|at| night.hold(at)).to_vec();
        assert_eq!(holding, [false, true, true, true, false]);
        let morning = Hours { from: 5 * 60, to: 12 * 60 };
        assert!(morning.hold(5 * 60) && !morning.hold(12 * 60));
    }
}
