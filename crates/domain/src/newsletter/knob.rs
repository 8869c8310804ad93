//! The buttons under a draft and under a newsletter.

use crate::NewsletterId;

/// What a press of one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Knob {
    /// Show the author exactly what recipients get.
    Preview,
    /// Write the buttons under it; take them away, if there are some.
    Links,
    /// For the next of the languages.
    Language,
    /// For the next of the answers.
    Answer,
    /// For who was active within the next of the spans.
    Active,
    /// Write when it starts; at once, if that was said.
    Time,
    /// Pay for it, or not.
    Paid,
    /// Start it, once that is confirmed.
    Start,
    /// Confirm the start.
    Confirm,
    /// Neither: back to the draft.
    Back,
    /// Throw the draft away.
    Discard,
    /// Queue nothing more for now.
    Pause(NewsletterId),
    /// Go on.
    GoOn(NewsletterId),
    /// End it here.
    Cancel(NewsletterId),
    /// Take it back, once that is confirmed.
    Undo(NewsletterId),
    /// Confirm that it is taken back.
    UndoConfirm(NewsletterId),
    /// Leave it as it is.
    Leave(NewsletterId),
}

impl Knob {
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

    /// What its button carries.
    pub(crate) fn data(self) -> String {
        let (word, newsletter) = self.parts();
        newsletter.map_or_else(|| word.to_owned(), |id| format!("{word}:{id}"))
    }

    /// The reverse of [`Knob::data`].
    pub(crate) fn parse(data: &str) -> Option<Self> {
        let Some((word, id)) = data.split_once(':') else {
            return Self::PLAIN.into_iter().find(|knob| knob.parts().0 == data);
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
        all.into_iter().find(|knob| knob.parts().0 == word)
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
    fn a_knob_is_what_its_button_carries() {
        let id = NewsletterId(i64::MAX);
        let others = [
            Knob::Pause(id),
            Knob::GoOn(id),
            Knob::Cancel(id),
            Knob::Undo(id),
            Knob::UndoConfirm(id),
            Knob::Leave(id),
        ];
        for knob in Knob::PLAIN.into_iter().chain(others) {
            assert_eq!(Knob::parse(&knob.data()), Some(knob));
            assert!("news:".len() + knob.data().len() <= 64, "Telegram takes no more");
        }
        for data in ["", "pause", "pause:x", "start:1", "other"] {
            assert_eq!(Knob::parse(data), None, "{data}");
        }
    }
}
