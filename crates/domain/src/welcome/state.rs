//! A conversation's progress in the scene, and the messages of the scene.

use crate::{ButtonAction, escape_html};

/// Progress of a conversation in its scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Welcome {
    /// Number of runs for this user. Buttons carry it, so that those of an earlier run have no effect.
    pub run: u32,
    /// The shape of the scene at the beginning of the run.
    pub shape: u32,
    /// The position in the scene.
    pub place: ScenePlace,
}

/// The position of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenePlace {
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

/// A request: a user's matter, from Start until operators close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// The ordinal of the request among the user's requests, from 1.
    pub nth: u32,
    /// The number among the requests of all users; assigned when it is first needed.
    pub number: Option<i64>,
    /// Whether operators have closed it: then the next Start begins another.
    pub closed: bool,
}

/// One message of the scene to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneLine {
    /// The words, in Telegram's HTML, with the placeholders `{name}` and `{number}`.
    pub words: String,
    /// The name of the picture above the words.
    pub picture: Option<String>,
    /// Rows of one button each.
    pub buttons: Vec<SceneButton>,
}

/// A button under a message of the scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneButton {
    /// The label.
    pub label: String,
    /// The action of a press.
    pub action: ButtonAction,
}

impl SceneLine {
    /// Placeholder for the number of the request.
    pub const NUMBER: &'static str = "{number}";
    /// Placeholder for the user's name.
    pub const NAME: &'static str = "{name}";

    /// Returns the line as operators see it in the topic.
    pub fn told(&self) -> String {
        let picture = if self.picture.is_some() { "\u{1f5bc} " } else { "" };
        let mut told = format!("{picture}{}", self.words);
        for (at, button) in self.buttons.iter().enumerate() {
            told.push_str(if at == 0 { "\n" } else { " " });
            told.push('[');
            told.push_str(&escape_html(&button.label));
            told.push(']');
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(picture: Option<&str>, labels: &[&str]) -> String {
        let button = |(choice, label): (usize, &&str)| SceneButton {
            label: (*label).to_owned(),
            action: ButtonAction::Welcome { run: 1, step: 0, choice },
        };
        let buttons = labels.iter().enumerate().map(button).collect();
        let picture = picture.map(str::to_owned);
        SceneLine { words: "<b>Hello</b>".to_owned(), picture, buttons }.told()
    }

    #[test]
    fn operators_see_words_as_they_are_formatted_and_labels_as_they_read() {
        assert_eq!(line(None, &[]), "<b>Hello</b>");
        assert_eq!(line(Some("cat.png"), &[]), "\u{1f5bc} <b>Hello</b>");
        let told = line(None, &["Yes", "A < B & C > D"]);
        assert_eq!(told, "<b>Hello</b>\n[Yes] [A &lt; B &amp; C &gt; D]");
    }
}
