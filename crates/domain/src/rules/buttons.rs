//! Somebody pressed a button under a message of the bot.

use super::{Context, user::flood, welcome};
use crate::{CallbackId, Conversation, Decision, Effect, MessageId, Press, Side, Tell, Text};

pub(super) fn by_user(
    mut conversation: Conversation,
    callback: CallbackId,
    message: Option<MessageId>,
    press: Press,
    ctx: &Context<'_>,
) -> Decision {
    let language = match press {
        Press::Language(language) => language,
        Press::Welcome { run, step, choice } => {
            let mut decision = welcome::pressed(conversation, run, (step, choice), ctx);
            let expired = decision.ignored.then_some(Text::ButtonExpired);
            decision.ignored = false;
            let answer = Effect::Answer { callback, side: Side::User, text: expired };
            let retire = message.map(|message| Effect::RetireButtons { side: Side::User, message });
            decision.effects.splice(0..0, std::iter::once(answer).chain(retire));
            return decision;
        }
        Press::Retry(_) | Press::Newsletter(_) | Press::Flood(_) | Press::Unknown => {
            let text = Some(Text::ButtonExpired);
            let effects = vec![Effect::Answer { callback, side: Side::User, text }];
            return Decision { next: Some(conversation), effects, ..Decision::default() };
        }
    };
    conversation.language = Some(language);
    let mut effects = vec![Effect::Answer { callback, side: Side::User, text: None }];
    effects.extend(message.map(|message| Effect::RetireButtons { side: Side::User, message }));
    effects.push(Tell::user(Text::LanguageChosen));
    if conversation.topic.id().is_some() {
        effects.push(Effect::Refresh);
    }
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

pub(super) fn by_staff(
    conversation: Option<Conversation>,
    callback: CallbackId,
    message: Option<MessageId>,
    press: Press,
    ctx: &Context<'_>,
) -> Decision {
    let dead = match press {
        Press::Retry(dead) => dead,
        Press::Flood(button) => {
            return flood::answered(conversation, (callback, message), button, ctx);
        }
        Press::Language(_) | Press::Welcome { .. } | Press::Newsletter(_) | Press::Unknown => {
            return Decision::only(vec![Effect::Answer {
                callback,
                side: Side::Staff,
                text: Some(Text::ButtonExpired),
            }]);
        }
    };
    let mut effects =
        vec![Effect::Answer { callback, side: Side::Staff, text: Some(Text::TryingAgain) }];
    effects.extend(message.map(|message| Effect::RetireButtons { side: Side::Staff, message }));
    Decision { effects, retries: vec![dead], ..Decision::default() }
}
