//! A user's commands: `/start`, `/help`, `/language`. None of them opens a topic.

use crate::domain::{
    Audience, Button, ButtonAction, Conversation, Decision, Effect, Language, Tell, Text,
};

pub(super) fn started(mut conversation: Conversation) -> Decision {
    conversation.reachable = true;
    let text = Text::Greeting { name: conversation.profile.name.clone() };
    answer(conversation, Tell::user(text))
}

pub(super) fn asked_for_help(conversation: Conversation) -> Decision {
    answer(conversation, Tell::user(Text::Help))
}

pub(super) fn asked_for_languages(conversation: Conversation) -> Decision {
    let buttons = Language::ALL
        .into_iter()
        .map(|language| Button {
            label: Text::LanguageButton(language),
            action: ButtonAction::Language(language),
        })
        .collect();
    let tell = Tell {
        audience: Audience::User,
        text: Text::ChooseLanguage,
        reply_to: None,
        buttons,
        pin: false,
    };
    answer(conversation, Effect::Tell(tell))
}

fn answer(conversation: Conversation, effect: Effect) -> Decision {
    Decision { next: Some(conversation), effects: vec![effect], ..Decision::default() }
}
