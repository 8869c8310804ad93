//! Plans the call that plays a line of the welcome.

use crate::engine::Desk;
use domain::{Conversation, Effect, Language, Learnt, SceneLine, Tell, Text};
use ports::{Call, Keys, StoreError};

use super::{
    Planner,
    step::{Step, Then},
};

/// The number of the request, if a line needs it and the conversation does not have it yet. It is assigned and stored
/// before the line is sent: asked again after a crash, it is the same.
pub(in crate::engine::deliver) async fn assign_request_number(
    desk: &Desk,
    effect: &Effect,
    conversation: Option<&Conversation>,
) -> Result<Option<Learnt>, StoreError> {
    let lines = if let Effect::Scene(line) = effect {
        std::slice::from_ref(&line.words)
    } else if let Effect::Tell(Tell { text: Text::WelcomeSaid { lines }, .. }) = effect {
        lines
    } else {
        return Ok(None);
    };
    let needed = lines.iter().any(|line| line.contains(SceneLine::NUMBER));
    let Some(conversation) = conversation.filter(|_| needed) else { return Ok(None) };
    match conversation.request {
        Some(request) if request.number.is_none() => {
            let nth = request.nth;
            let number = desk.store.request(conversation.user, nth).await?;
            Ok(Some(Learnt::Number { nth, number }))
        }
        Some(_) | None => Ok(None),
    }
}

impl Planner<'_> {
    /// The lines below the card of a user who was welcomed.
    pub(in crate::engine::deliver) fn card_lines(
        &self,
        conversation: &Conversation,
    ) -> impl Iterator<Item = Text> {
        let number = conversation.request_number().map(|number| Text::RequestNumber { number });
        let answers = &conversation.welcome.answers;
        let language = self.settings.operators_language;
        let answers = (!answers.is_empty()).then(|| {
            let answers =
                answers.iter().map(|(question, answer)| self.labelled(question, answer, language));
            Text::Answers { answers: answers.collect() }
        });
        number.into_iter().chain(answers)
    }

    /// A question of the welcome and an answer, as they are shown to users; their keys if the welcome does not have
    /// them any more.
    pub(in crate::engine::deliver) fn labelled(
        &self,
        question: &str,
        answer: &str,
        language: Language,
    ) -> (String, String) {
        let found = self.welcome.and_then(|welcome| welcome.scene().answered(question, answer));
        found.map_or_else(
            || (question.to_owned(), answer.to_owned()),
            |(words, label)| {
                let question = self.texts.filled(words.of(language), "", None);
                (self.texts.line(&question), label.of(language).to_owned())
            },
        )
    }

    /// A line with its picture; without the picture if the owner has removed it meanwhile.
    pub(in crate::engine::deliver) fn welcome_line(&self, line: &SceneLine) -> Step {
        let SceneLine { words, picture, buttons } = line;
        let to = self.private();
        let html = self.fill_in(words);
        let keys: Keys =
            buttons.iter().map(|button| (button.label.clone(), button.action.data())).collect();
        let welcome = self.welcome;
        let photo = picture.as_ref().zip(welcome);
        let photo = photo.and_then(|(name, welcome)| welcome.photo(name, self.hints.upload));
        let call = match photo {
            Some(photo) => Call::Photo { to, photo, html, keys },
            None if html.is_empty() => return Step::Nothing,
            None => Call::Say { to, html, reply: None, keys },
        };
        Step::Call(call, Then::TextSent { pin: false })
    }

    /// The words, with the user's name and the request number filled in.
    pub(in crate::engine::deliver) fn fill_in(&self, words: &str) -> String {
        let name = self.conversation.map_or("", |conversation| conversation.profile.name.as_str());
        let number = self.conversation.and_then(Conversation::request_number);
        self.texts.filled(words, name, number)
    }
}
