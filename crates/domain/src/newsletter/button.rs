//! The buttons of the control panel under a draft or a newsletter.

use crate::NewsletterId;

/// The meaning of a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsletterButton {
    /// Show the author exactly what recipients get.
    Preview,
    /// Enter the buttons; remove them if there are some.
    Links,
    /// Select the next language.
    Language,
    /// Select the next answer.
    Answer,
    /// Select the next activity span.
    Active,
    /// Enter the start time; if there is one, start at once instead.
    Time,
    /// Toggle payment.
    Paid,
    /// Start the newsletter, after a confirmation.
    Start,
    /// Confirm the start.
    Confirm,
    /// Cancel the input or confirmation: back to the draft.
    Back,
    /// Discard the draft.
    Discard,
    /// Pause: queue nothing more for now.
    Pause(NewsletterId),
    /// Continue after a pause.
    GoOn(NewsletterId),
    /// Stop the newsletter permanently.
    Cancel(NewsletterId),
    /// Recall the newsletter, after a confirmation.
    Undo(NewsletterId),
    /// Confirm the recall.
    UndoConfirm(NewsletterId),
    /// Cancel the recall.
    Leave(NewsletterId),
}

impl NewsletterButton {
    const PLAIN: [Self; 11] = [
        Self::Preview,
        Self::Links,
        Self::Language,
        Self::Answer,
        Self::Active,
        Self::Time,
        Self::Paid,
        Self::Start,
        Self::Confirm,
        Self::Back,
        Self::Discard,
    ];

    /// Encodes the button's callback data.
    pub(crate) fn data(self) -> String {
        let (word, newsletter) = self.parts();
        newsletter.map_or_else(|| word.to_owned(), |id| format!("{word}:{id}"))
    }

    /// Decodes [`NewsletterButton::data`].
    pub(crate) fn parse(data: &str) -> Option<Self> {
        let Some((word, id)) = data.split_once(':') else {
            return Self::PLAIN.into_iter().find(|button| button.parts().0 == data);
        };
        let id = NewsletterId(id.parse().ok()?);
        let all = [
            Self::Pause(id),
            Self::GoOn(id),
            Self::Cancel(id),
            Self::Undo(id),
            Self::UndoConfirm(id),
            Self::Leave(id),
        ];
        all.into_iter().find(|button| button.parts().0 == word)
    }

    fn parts(self) -> (&'static str, Option<NewsletterId>) {
        match self {
            Self::Preview => ("preview", None),
            Self::Links => ("links", None),
            Self::Language => ("language", None),
            Self::Answer => ("answer", None),
            Self::Active => ("active", None),
            Self::Time => ("time", None),
            Self::Paid => ("paid", None),
            Self::Start => ("start", None),
            Self::Confirm => ("confirm", None),
            Self::Back => ("back", None),
            Self::Discard => ("discard", None),
            Self::Pause(id) => ("pause", Some(id)),
            Self::GoOn(id) => ("go-on", Some(id)),
            Self::Cancel(id) => ("cancel", Some(id)),
            Self::Undo(id) => ("undo", Some(id)),
            Self::UndoConfirm(id) => ("undo-confirm", Some(id)),
            Self::Leave(id) => ("leave", Some(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callback_data_is_parsed_as_it_was_written() {
        let id = NewsletterId(i64::MAX);
        let others = [
            NewsletterButton::Pause(id),
            NewsletterButton::GoOn(id),
            NewsletterButton::Cancel(id),
            NewsletterButton::Undo(id),
            NewsletterButton::UndoConfirm(id),
            NewsletterButton::Leave(id),
        ];
        for button in NewsletterButton::PLAIN.into_iter().chain(others) {
            assert_eq!(NewsletterButton::parse(&button.data()), Some(button));
            assert!(
                "news:".len() + button.data().len() <= 64,
                "Telegram's limit for callback data"
            );
        }
        for data in ["", "pause", "pause:x", "start:1", "other"] {
            assert_eq!(NewsletterButton::parse(data), None, "{data}");
        }
    }
}
