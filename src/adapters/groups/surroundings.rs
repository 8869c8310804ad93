//! What the file is checked against.

use domain::{ChatId, Language, Scene};

/// What the file is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `BOT_GROUP_ID`: the group that the desk began with; `None` if it is not known. Then nobody checks that the file
    /// has it.
    pub first: Option<ChatId>,
    /// `OPERATORS_LANGUAGE`: that of groups without a language of their own.
    pub language: Language,
    /// What rules may ask of a user's answers.
    pub questions: KnownQuestions<'a>,
}

/// The questions of the welcome, as far as they are known.
#[derive(Debug, Clone, Copy)]
pub enum KnownQuestions<'a> {
    /// Nothing is known: the welcome has mistakes of its own. Rules about answers are not checked.
    Unknown,
    /// There is no welcome, so there is no answer.
    None,
    /// Those of this welcome.
    Of(&'a Scene),
}

impl KnownQuestions<'_> {
    /// Each question with its answers; `None` if they are not known.
    pub(super) fn all(&self) -> Option<Vec<(&str, Vec<&str>)>> {
        match self {
            Self::Unknown => None,
            Self::None => Some(Vec::new()),
            Self::Of(scene) => {
                let questions = scene.questions().map(|(_, question, choices)| {
                    (question, choices.iter().map(|choice| choice.answer.as_str()).collect())
                });
                Some(questions.collect())
            }
        }
    }
}
