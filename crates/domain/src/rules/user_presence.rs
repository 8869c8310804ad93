//! A user blocked the bot, came back, or is banned; and what else happens in their chat without their words.

use crate::{
    ContentKind, Conversation, Decision, Effect, Fact, Tell, Text, Topic, UserAct, WelcomeEnd,
};

pub(super) fn left(mut conversation: Conversation) -> Decision {
    if !conversation.reachable {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    }
    conversation.reachable = false;
    let ended = conversation.end_welcome(WelcomeEnd::Left).map(Fact::WelcomeEnded);
    Decision { facts: ended.into_iter().collect(), ..told(conversation, Text::UserLeft) }
}

pub(super) fn returned(mut conversation: Conversation) -> Decision {
    if conversation.reachable {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    }
    conversation.reachable = true;
    told(conversation, Text::UserReturned)
}

/// What a banned user does goes nowhere; whether they can be reached is still known afterwards.
pub(super) fn of_the_banned(mut conversation: Conversation, act: &UserAct) -> Decision {
    let reachable = match act {
        UserAct::Left => false,
        UserAct::Returned => true,
        UserAct::Wrote(_)
        | UserAct::Happened(_)
        | UserAct::Edited(_)
        | UserAct::Reacted { .. }
        | UserAct::Started
        | UserAct::AskedForHelp
        | UserAct::AskedForLanguages
        | UserAct::Commanded(_)
        | UserAct::Pressed { .. } => conversation.reachable,
    };
    if reachable == conversation.reachable {
        return Decision::ignored();
    }
    conversation.reachable = reachable;
    Decision { next: Some(conversation), ..Decision::ignored() }
}

/// Telegram tells of something. Only words open a topic or have anybody wait, so it is told if there is one.
pub(super) fn happened(conversation: Conversation, kind: ContentKind) -> Decision {
    let effects = match conversation.topic {
        Topic::None => Vec::new(),
        Topic::Open(_) | Topic::Closed(_) => vec![Tell::topic(Text::NotCopied { kind }, None)],
    };
    let ignored = effects.is_empty();
    Decision { next: Some(conversation), effects, ignored, ..Decision::default() }
}

/// Operators are told only where there is a topic to tell them in: nobody misses who never wrote.
fn told(conversation: Conversation, text: Text) -> Decision {
    let effects = match conversation.topic {
        Topic::None => Vec::new(),
        Topic::Open(_) | Topic::Closed(_) => vec![Tell::topic(text, None), Effect::Refresh],
    };
    Decision { next: Some(conversation), effects, ..Decision::default() }
}
