//! A line of the scene: one message of the welcome to the user.

use crate::{ButtonAction, escape_html};

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
    fn operators_see_formatted_words_and_plain_labels() {
        assert_eq!(line(None, &[]), "<b>Hello</b>");
        assert_eq!(line(Some("cat.png"), &[]), "\u{1f5bc} <b>Hello</b>");
        let told = line(None, &["Yes", "A < B & C > D"]);
        assert_eq!(told, "<b>Hello</b>\n[Yes] [A &lt; B &amp; C &gt; D]");
    }
}
