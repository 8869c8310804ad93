//! The owner's scene file as values.
//!
//! Invariant: between two waits or questions a scene only moves forward, so playing always ends. Whoever builds a scene
//! checks that.

use std::{fmt, time::Duration};

use crate::{Goals, Language, Millis};

/// A scene. Positions in it are indexes into `steps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// Whether the topic is opened with the scene instead of the user's first message.
    pub open_topic: bool,
    /// Distinguishes scenes whose positions have different meanings. A change of words alone does not change it.
    pub shape: u32,
    /// The time zones in which the scene needs the time of day. The first applies to users who chose none.
    pub zones: Vec<String>,
    /// The steps, in playing order.
    pub steps: Vec<SceneStep>,
    /// The goals to report to the tracker, other than button presses.
    pub goals: Goals,
}

/// The clocks of a scene's time zones.
pub trait Zones: fmt::Debug {
    /// How far the scene's time zone with this index is ahead of UTC at a moment, in minutes; 0 if the scene has no such zone.
    fn offset(&self, zone: usize, at: Millis) -> i32;
}

/// One step of a scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneStep {
    /// The condition. If it does not hold, the step is skipped.
    pub when: When,
    /// The action.
    pub act: SceneAct,
}

/// The condition of a step, at a given moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// Only for users addressed in this language.
    pub language: Option<Language>,
    /// Only in these hours; empty means at any time.
    pub hours: Vec<Hours>,
}

/// A part of the day, in minutes since midnight. It may span midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first minute.
    pub from: u16,
    /// The first minute after it.
    pub to: u16,
}

/// The action of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SceneAct {
    /// Says something.
    Say(Saying),
    /// Says something with buttons; a press continues the scene.
    Ask {
        /// The text of the question.
        saying: Saying,
        /// The key under which answers are stored.
        question: String,
        /// The buttons.
        choices: Vec<Choice>,
    },
    /// Continues after this time.
    Wait(Duration),
    /// Continues at this step, a later one.
    Go(usize),
    /// Ends the scene.
    End,
}

/// Something to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// The words, in Telegram's HTML, with the placeholders `{name}` and `{number}`.
    pub words: Words,
    /// The name of the picture above the words.
    pub picture: Option<String>,
}

/// The same words in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The English words.
    pub english: String,
    /// The Russian words.
    pub russian: String,
}

/// A button of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The answer to store when it is pressed.
    pub answer: String,
    /// The label, without formatting.
    pub label: Words,
    /// The step that a press leads to; `None` means the next step.
    pub goes: Option<usize>,
    /// The time zone of users who press the button.
    pub zone: Option<String>,
    /// The goal that a press reaches.
    pub goal: Option<String>,
}

/// Limits on the size of a scene.
#[derive(Debug)]
pub struct Maximum {
    /// Number of steps.
    pub steps: usize,
    /// Number of questions: each is a label of a metric.
    pub questions: usize,
    /// Number of buttons per question: times the questions, the number of series.
    pub choices: usize,
    /// Number of time zones.
    pub zones: usize,
    /// Length of a key, in letters.
    pub key: usize,
    /// Length of a goal's name, in characters.
    pub goal: usize,
    /// Duration of a wait.
    pub wait: Duration,
}

/// The limits on the size of a scene.
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
    /// Returns the words in this language.
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Russian => &self.russian,
        }
    }
}

impl Hours {
    /// Whether a minute of the day is within these hours.
    pub fn hold(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl When {
    /// Whether the condition holds for users addressed in this language, at this minute of their day.
    pub fn holds(&self, language: Language, minute: u16) -> bool {
        self.language.is_none_or(|only| only == language)
            && (self.hours.is_empty() || self.hours.iter().any(|hours| hours.hold(minute)))
    }

    /// Whether the condition always holds.
    pub fn is_always(&self) -> bool {
        self.language.is_none() && self.hours.is_empty()
    }
}

impl Scene {
    /// Returns a user's time zone as an index into `zones`; a zone that no longer exists counts as not chosen.
    pub fn zone(&self, chosen: Option<&str>) -> usize {
        chosen.and_then(|chosen| self.zones.iter().position(|zone| zone == chosen)).unwrap_or(0)
    }

    /// Returns the words of a question and the label of an answer to it; `None` if the scene does not have them any
    /// more.
    pub fn answered(&self, question: &str, answer: &str) -> Option<(&Words, &Words)> {
        self.steps.iter().find_map(|step| match &step.act {
            SceneAct::Ask { saying, question: asked, choices } if asked == question => {
                let choice = choices.iter().find(|choice| choice.answer == answer)?;
                Some((&saying.words, &choice.label))
            }
            SceneAct::Ask { .. }
            | SceneAct::Say(_)
            | SceneAct::Wait(_)
            | SceneAct::Go(_)
            | SceneAct::End => None,
        })
    }

    /// Iterates over all questions: index of the step, key and buttons.
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
    fn hours_may_span_midnight() {
        let night = Hours { from: 23 * 60, to: 5 * 60 };
        let holding: Vec<bool> =
            [22 * 60 + 59, 23 * 60, 0, 5 * 60 - 1, 5 * 60].map(|at| night.hold(at)).to_vec();
        assert_eq!(holding, [false, true, true, true, false]);
        let morning = Hours { from: 5 * 60, to: 12 * 60 };
        assert!(morning.hold(5 * 60) && !morning.hold(12 * 60));
    }

    #[test]
    fn an_answer_is_shown_as_the_user_saw_it() {
        let words = |english: &str| Words { english: english.to_owned(), russian: String::new() };
        let ask = |text: &str, answer: &str, label: &str| SceneStep {
            when: When::default(),
            act: SceneAct::Ask {
                saying: Saying { words: words(text), picture: None },
                question: "heard".to_owned(),
                choices: vec![Choice {
                    answer: answer.to_owned(),
                    label: words(label),
                    goes: None,
                    zone: None,
                    goal: None,
                }],
            },
        };
        let steps = vec![
            SceneStep { when: When::default(), act: SceneAct::End },
            ask("Where from?", "friends", "Friends"),
            ask("From where?", "shop", "A shop"),
        ];
        let (zones, goals) = (Vec::new(), Goals::default());
        let scene = Scene { open_topic: false, shape: 0, zones, steps, goals };
        let shown = |question, answer| {
            let (question, label) = scene.answered(question, answer)?;
            Some((question.english.as_str(), label.english.as_str()))
        };
        assert_eq!(shown("heard", "friends"), Some(("Where from?", "Friends")));
        assert_eq!(shown("heard", "shop"), Some(("From where?", "A shop")), "asked in two ways");
        assert_eq!(shown("heard", "radio"), None, "the button was removed");
        assert_eq!(shown("place", "shop"), None);
    }
}
