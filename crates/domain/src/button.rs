//! Buttons under messages of the bot, and what Telegram returns when one is pressed.

use crate::{DeadId, Language, Millis, NewsletterButton, Text};

/// A button under a message of the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// The label.
    pub label: Text,
    /// The action of a press.
    pub action: ButtonAction,
}

/// The action of a button press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonAction {
    /// Chooses a language.
    Language(Language),
    /// Replays a failed send.
    Retry(DeadId),
    /// Answers a question of the welcome.
    Welcome {
        /// The run of the welcome that the button belongs to.
        run: u32,
        /// Index of the question's step.
        step: usize,
        /// Index of the button in the question.
        choice: usize,
    },
    /// Changes a draft or a newsletter.
    Newsletter(NewsletterButton),
    /// Decides about a flood.
    Flood(FloodButton),
}

/// A button under the line that asks operators what to do about a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodButton {
    /// The choice of the operator.
    pub choice: FloodChoice,
    /// When the line was written: the button has an effect for a while.
    pub asked: Millis,
}

/// What operators can do about a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodChoice {
    /// What waits goes to the topic now.
    Show,
    /// What waits is not sent.
    Drop,
    /// The user is banned, and what waits is not sent.
    Ban,
}

impl FloodChoice {
    /// All choices, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Show, Self::Drop, Self::Ban];

    fn code(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Drop => "drop",
            Self::Ban => "ban",
        }
    }
}

impl ButtonAction {
    /// Encodes the callback data that Telegram returns with a press. [`Press::parse`] decodes it.
    pub fn data(self) -> String {
        match self {
            Self::Language(language) => format!("lang:{}", language.code()),
            Self::Retry(dead) => format!("retry:{dead}"),
            Self::Welcome { run, step, choice } => format!("welcome:{run}:{step}:{choice}"),
            Self::Newsletter(button) => format!("news:{}", button.data()),
            Self::Flood(FloodButton { choice, asked }) => {
                format!("flood:{}:{}", choice.code(), asked.0)
            }
        }
    }
}

/// A pressed button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Chooses a language.
    Language(Language),
    /// "Try again" under the notice of a failed send.
    Retry(DeadId),
    /// Answers a question of the welcome.
    Welcome {
        /// The run of the welcome that the button belongs to.
        run: u32,
        /// Index of the question's step.
        step: usize,
        /// Index of the button in the question.
        choice: usize,
    },
    /// A button under a newsletter or its draft.
    Newsletter(NewsletterButton),
    /// A button under the line about a flood.
    Flood(FloodButton),
    /// A button that this release does not know.
    Unknown,
}

impl Press {
    /// Decodes [`ButtonAction::data`].
    pub fn parse(data: &str) -> Self {
        let parsed = match data.split_once(':') {
            Some(("lang", code)) => Language::parse(code).map(Self::Language),
            Some(("welcome", places)) => welcome(places),
            Some(("news", button)) => NewsletterButton::parse(button).map(Self::Newsletter),
            Some(("flood", button)) => flood(button),
            Some(("retry", dead)) => dead.parse().ok().map(|dead| Self::Retry(DeadId(dead))),
            Some(_) | None => None,
        };
        parsed.unwrap_or(Self::Unknown)
    }
}

fn flood(button: &str) -> Option<Press> {
    let (code, asked) = button.split_once(':')?;
    let choice = FloodChoice::ALL.into_iter().find(|choice| choice.code() == code)?;
    let asked = Millis(asked.parse().ok()?);
    Some(Press::Flood(FloodButton { choice, asked }))
}

fn welcome(places: &str) -> Option<Press> {
    let (run, rest) = places.split_once(':')?;
    let (step, choice) = rest.split_once(':')?;
    let (run, step, choice) = (run.parse().ok()?, step.parse().ok()?, choice.parse().ok()?);
    Some(Press::Welcome { run, step, choice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callback_data_is_parsed_as_it_was_written() {
        for language in Language::ALL {
            let data = ButtonAction::Language(language).data();
            assert_eq!(Press::parse(&data), Press::Language(language));
        }
        assert_eq!(Press::parse(&ButtonAction::Retry(DeadId(7)).data()), Press::Retry(DeadId(7)));
        let data = ButtonAction::Welcome { run: u32::MAX, step: 199, choice: 11 }.data();
        assert!(data.len() <= 64, "Telegram's limit for callback data");
        assert_eq!(Press::parse(&data), Press::Welcome { run: u32::MAX, step: 199, choice: 11 });
        for choice in FloodChoice::ALL {
            let button = FloodButton { choice, asked: Millis(i64::MAX) };
            assert_eq!(Press::parse(&ButtonAction::Flood(button).data()), Press::Flood(button));
        }
        for data in [
            "flood:show",
            "flood:hide:1",
            "flood:ban:x",
            "welcome:1",
            "welcome:1:2",
            "welcome:1:2:x",
            "",
            "lang",
            "lang:tlh",
            "retry:x",
            "other:1",
        ] {
            assert_eq!(Press::parse(data), Press::Unknown, "{data}");
        }
    }
}
