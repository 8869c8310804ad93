//! A user blocked the bot, returned or is banned, or a service message arrived in the user's chat.

use crate::{
    ContentKind, Conversation, Decision, Effect, Fact, Tell, Text, Topic, UserAct, WelcomeEnd,
};

pub(in crate::rules) fn left(mut conversation: Conversation) -> Decision {
    if !conversation.reachable {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    }
    conversation.reachable = false;
    let ended = conversation.welcome.end(WelcomeEnd::Left).map(Fact::WelcomeEnded);
    Decision { facts: ended.into_iter().collect(), ..report(conversation, Text::UserLeft) }
}

pub(in crate::rules) fn returned(mut conversation: Conversation) -> Decision {
    if conversation.reachable {
        return Decision { next: Some(conversation), ..Decision::ignored() };
    }
    conversation.reachable = true;
    report(conversation, Text::UserReturned)
}

/// Ignores everything that a banned user does, except changes of reachability: they matter after the ban.
pub(in crate::rules) fn of_the_banned(mut conversation: Conversation, act: &UserAct) -> Decision {
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

/// Reports a service message in the topic, if there is one: only messages open a topic or make the user wait.
pub(in crate::rules) fn happened(conversation: Conversation, kind: ContentKind) -> Decision {
    let effects = match conversation.topic.current {
        Topic::None => Vec::new(),
        Topic::Open(_) | Topic::Closed(_) => vec![Tell::topic(Text::NotCopied { kind }, None)],
    };
    let ignored = effects.is_empty();
    Decision { next: Some(conversation), effects, ignored, ..Decision::default() }
}

/// Reports to the topic, if there is one: without a topic the user never wrote, and no operator needs to know.
fn report(conversation: Conversation, text: Text) -> Decision {
    let effects = match conversation.topic.current {
        Topic::None => Vec::new(),
        Topic::Open(_) | Topic::Closed(_) => vec![Tell::topic(text, None), Effect::Refresh],
    };
    Decision { next: Some(conversation), effects, ..Decision::default() }
}
