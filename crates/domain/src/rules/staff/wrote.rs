//! An operator wrote, edited or reacted in a topic: relay it to the user.

use super::notes;
use crate::rules::user::wrote::relay;
use crate::{
    ChatId, Content, Conversation, Decision, Effect, Fact, MessageId, Millis, Opaque, Side, Tell,
    Text, Transfer, WelcomeEnd,
};

pub(in crate::rules) fn wrote(
    mut conversation: Conversation,
    content: Content,
    now: Millis,
) -> Decision {
    if conversation.moderation.silent {
        return Decision::ignored();
    }
    if let Some(note) = notes::piece(&mut conversation, &content) {
        return note;
    }
    // After a migration of the group, a new message may have the id of an old note.
    conversation.notes.release(content.message);
    let effect = match content.transfer {
        Transfer::Notice => {
            Tell::topic(Text::NotCopied { kind: content.kind }, Some(content.message))
        }
        Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Forward => {
            Effect::Relay(relay(Side::Staff, content))
        }
    };
    let mut facts = match (&effect, conversation.waiting_since.take()) {
        (Effect::Relay(_), Some(since)) => vec![Fact::Answered { after: now.since(since) }],
        (_, since) => {
            conversation.waiting_since = since;
            Vec::new()
        }
    };
    if matches!(effect, Effect::Relay(_)) {
        conversation.record_answer(now);
        facts.extend(conversation.welcome.end(WelcomeEnd::Answered).map(Fact::WelcomeEnded));
    }
    Decision { next: Some(conversation), effects: vec![effect], facts, ..Decision::default() }
}

/// Reported even in silent mode: somebody who posts as a channel by mistake also sends commands as the channel.
pub(in crate::rules) fn wrote_as_channel(
    mut conversation: Conversation,
    message: MessageId,
    channel: ChatId,
) -> Decision {
    if !conversation.topic.warn_of_channel(channel) {
        return Decision::ignored();
    }
    let effects = vec![Tell::topic(Text::WrittenAsChannel, Some(message))];
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

pub(in crate::rules) fn reacted(
    conversation: &Conversation,
    message: MessageId,
    reaction: Option<Opaque>,
) -> Decision {
    if conversation.moderation.silent {
        return Decision::ignored();
    }
    Decision::only(vec![Effect::React { from: Side::Staff, message, reaction, late: false }])
}
