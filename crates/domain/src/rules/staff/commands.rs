//! Operators' commands in a topic.

use crate::{
    Audience, Conversation, Decision, Effect, Fact, Language, MessageId, StaffCommand, Tell, Text,
    Topic, WelcomeEnd,
};

pub(in crate::rules) fn decide(
    conversation: Conversation,
    command: StaffCommand,
    message: MessageId,
    reply_to: Option<MessageId>,
) -> Decision {
    let say = |text| Decision::only(vec![Tell::topic(text, Some(message))]);
    match command {
        StaffCommand::Ban => ban(conversation, message),
        StaffCommand::Silent => silent(conversation),
        // The language only matters for users whose language Telegram does not report.
        StaffCommand::Information => say(conversation.card_text(Language::English)),
        StaffCommand::Delete => match reply_to {
            // If the message to delete has not reached the user yet, it must not do so later.
            Some(target) => {
                let mut conversation = conversation;
                conversation.notes.withhold(target);
                let (message, command) = (target, message);
                let effects = vec![Effect::Erase { message, command, former: None }];
                Decision { next: Some(conversation), effects, ..Decision::default() }
            }
            None => say(Text::DeleteWhat),
        },
        StaffCommand::Close => close(conversation),
        StaffCommand::Reopen => reopen(conversation),
        StaffCommand::Help => say(Text::StaffHelp),
        StaffCommand::Unknown => unknown(conversation, message),
    }
}

/// The message is remembered as withheld: if the operator edits it into ordinary text, it goes to the user.
fn unknown(mut conversation: Conversation, message: MessageId) -> Decision {
    conversation.notes.withhold(message);
    let effects = vec![Tell::topic(Text::UnknownCommand, Some(message))];
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

fn ban(mut conversation: Conversation, message: MessageId) -> Decision {
    conversation.moderation.banned = !conversation.moderation.banned;
    let text = if conversation.moderation.banned { Text::Banned } else { Text::Unbanned };
    let mut facts = Vec::new();
    if conversation.moderation.banned {
        conversation.waiting_since = None;
        facts.extend(conversation.welcome.end(WelcomeEnd::Banned).map(Fact::WelcomeEnded));
    }
    let effects = vec![Tell::topic(text, Some(message)), Effect::Refresh];
    Decision { next: Some(conversation), effects, facts, ..Decision::default() }
}

fn silent(mut conversation: Conversation) -> Decision {
    conversation.moderation.silent = !conversation.moderation.silent;
    let text = if conversation.moderation.silent { Text::SilentOn } else { Text::SilentOff };
    let unpin =
        conversation.moderation.silent_notice.take().map(|message| Effect::Unpin { message });
    let pin = conversation.moderation.silent;
    let tell = Tell { audience: Audience::Topic, text, reply_to: None, buttons: Vec::new(), pin };
    let effects = unpin.into_iter().chain([Effect::Tell(tell), Effect::Refresh]).collect();
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

fn close(mut conversation: Conversation) -> Decision {
    let Topic::Open(topic) = conversation.topic.current else { return Decision::ignored() };
    conversation.topic.current = Topic::Closed(topic);
    conversation.waiting_since = None;
    conversation.close_request();
    let ended = conversation.welcome.end(WelcomeEnd::Closed).map(Fact::WelcomeEnded);
    let facts = ended.into_iter().collect();
    // The notice goes before the closing: after it, the notice would look as if the topic were open again.
    let effects = vec![Tell::topic(Text::Closed, None), Effect::CloseTopic];
    Decision { next: Some(conversation), effects, facts, ..Decision::default() }
}

fn reopen(mut conversation: Conversation) -> Decision {
    let Topic::Closed(topic) = conversation.topic.current else { return Decision::ignored() };
    conversation.topic.current = Topic::Open(topic);
    let effects = vec![Effect::ReopenTopic, Tell::topic(Text::Reopened, None)];
    Decision { next: Some(conversation), effects, ..Decision::default() }
}
