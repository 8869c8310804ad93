//! A user's commands: `/start`, `/help`, `/language`. None of them opens a topic.

use super::presence;
use crate::rules::{Context, welcome};
use crate::{Audience, Button, ButtonAction, Conversation, Decision, Effect, Language, Tell, Text};

/// Start also means that the user has returned, because Telegram does not always report that separately.
pub(in crate::rules) fn started(conversation: Conversation, ctx: &Context<'_>) -> Decision {
    if let Some(scene) = ctx.scene {
        return welcome::started(conversation, scene, ctx);
    }
    let text = Text::Greeting { name: conversation.profile.name.clone() };
    let mut decision = presence::returned(conversation);
    decision.ignored = false;
    decision.effects.insert(0, Tell::user(text));
    decision
}

pub(in crate::rules) fn asked_for_help(conversation: Conversation) -> Decision {
    answer(conversation, Tell::user(Text::Help))
}

pub(in crate::rules) fn asked_for_languages(conversation: Conversation) -> Decision {
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
