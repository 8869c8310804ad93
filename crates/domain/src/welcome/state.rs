//! What a conversation remembers of the scene, and what is sent of it.

use crate::ButtonAction;

/// Where a conversation is in its scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Welcome {
    /// Counts the times that it was played to this user; buttons name it, so that those of an earlier one do nothing.
    pub run: u32,
    /// The shape of the scene that it began in.
    pub shape: u32,
    /// Where it is.
    pub place: ScenePlace,
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenePlace {
    /// At a question, for a press.
    Asking(usize),
    /// Before a step, for the conversation's timer.
    Waiting(usize),
    /// At its end.
    Over,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WelcomeEnd {
    /// It was played to its end.
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
    /// The owner has changed the scene.
    Changed,
}

/// What a user has come with, from Start until operators close it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Which of the user's it is, from 1 on.
    pub nth: u32,
    /// Its number among those of all users, once it was needed.
    pub number: Option<i64>,
    /// Operators have closed it: the next Start begins another.
    pub closed: bool,
}

/// One message of the scene, to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneLine {
    /// The words, in Telegram's HTML, with `{name}` and `{number}` where those go.
    pub words: String,
    /// The name of the picture that they stand under.
    pub picture: Option<String>,
    /// Rows of one button each.
    pub buttons: Vec<SceneButton>,
}

/// A button of the scene.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneButton {
    /// Its label.
    pub label: String,
    /// What a press means.
    pub action: ButtonAction,
}

impl SceneLine {
    /// What stands in words for the number of the request.
    pub const NUMBER: &'static str = "{number}";
    /// What stands in words for the user's name.
    pub const NAME: &'static str = "{name}";

    /// How operators are told of it.
    pub fn told(&self) -> String {
        let picture = if self.picture.is_some() { "\u{1f5bc} " } else { "" };
        let mut told = format!("{picture}{}", self.words);
        for (at, button) in self.buttons.iter().enumerate() {
            told.push_str(if at == 0 { "\n" } else { " " });
            told.push('[');
            told.push_str(&escaped(&button.label));
            told.push(']');
        }
        told
    }
}

/// A label as HTML that shows it.
pub(crate) fn escaped(label: &str) -> String {
    label.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
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
